// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include "core/deadline.h"
#include "core/descriptor.h"
#include "crypto/random.h"
#include "crypto/wipe.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>

namespace majed::crypto {
namespace {

// What every root is derived from for encryption: to change it is to lose what is encrypted.
constexpr std::string_view encryption_purpose = "encryption";
constexpr mode_t owner_only = 0600;

Error failed(ErrorCode code, const std::string& path, std::string_view what) {
    return Error{.code = code, .message = "key file " + path + ": " + std::string(what)};
}

Error failed_by_system(const std::string& path, int number) {
    const ErrorCode code = number == EEXIST   ? ErrorCode::conflict
                           : number == ENOENT ? ErrorCode::not_found
                                              : ErrorCode::unavailable;
    return Error{
        .code = code, .message = "key file " + path + ": " + std::strerror(number), .native_code = number};
}

Result<void> write_all(int file, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t count = ::write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed_by_system(path, errno);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    if (::fsync(file) != 0) return failed_by_system(path, errno);
    return {};
}

/// Makes the names in a folder durable.
Result<void> synchronise_folder_of(const std::string& path) {
    const std::string folder = std::filesystem::path(path).parent_path();
    const Descriptor opened(
        ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0 || ::fsync(opened.number()) != 0) return failed_by_system(path, errno);
    return {};
}

/// Reads at most one byte more than a key file can have, so that a longer one is noticed.
Result<Secret> read_text(int file, const std::string& path) {
    std::string text(max_root_text, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t count = ::read(file, text.data() + length, text.size() - length);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed_by_system(path, errno);
        if (count == 0) break;
        length += static_cast<std::size_t>(count);
    }
    text.resize(length);
    return Secret(std::move(text));
}

/// Nobody but us opens a pipe of that name to write, and we would wait for ever: hence O_NONBLOCK.
constexpr int to_read = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

Result<std::vector<RootKey>> roots_in(int file, const std::string& path) {
    struct stat facts {};
    if (::fstat(file, &facts) != 0) return failed_by_system(path, errno);
    if (!S_ISREG(facts.st_mode)) return failed(ErrorCode::invalid_argument, path, "is not a regular file");
    if ((facts.st_mode & 077U) != 0) {
        return failed(ErrorCode::denied, path, "others than its owner may read or change it")
            .with_hint("chmod 600 " + path);
    }
    MAJED_TRY_ASSIGN(const Secret text, read_text(file, path));
    auto roots = parse_root_keys(text.reveal());
    if (!roots) return failed(roots.error().code, path, roots.error().message);
    return roots;
}

/// The system wakes who waits for a lock, but not when their time is over: so it is asked again and again.
Result<void> lock_before(const Descriptor& file, Deadline deadline, const std::string& path) {
    constexpr std::chrono::milliseconds between_attempts{10};
    while (::flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return failed_by_system(path, errno);
        if (SteadyClock::now() >= deadline) {
            return failed(ErrorCode::unavailable, path, "another process has it locked")
                .with_hint("when no other majed changes it, end the process that holds it open");
        }
        std::this_thread::sleep_for(between_attempts);
    }
    return {};
}

/// The file of that name, which nobody else changes until the descriptor is closed.
Result<std::unique_ptr<Descriptor>> open_locked(const std::string& path, Deadline deadline) {
    for (;;) {
        auto file = std::make_unique<Descriptor>(::open(path.c_str(), to_read));
        if (file->number() < 0) return failed_by_system(path, errno);
        MAJED_TRY(lock_before(*file, deadline, path));
        struct stat locked {};
        struct stat named {};
        if (::fstat(file->number(), &locked) != 0 || ::stat(path.c_str(), &named) != 0) {
            return failed_by_system(path, errno);
        }
        // Whoever had the lock before may have put another file in its place.
        if (locked.st_dev == named.st_dev && locked.st_ino == named.st_ino) return file;
    }
}

/// A private file of the given owner, durable; removed again when that fails.
Result<void> write_new(const std::string& path, const Secret& text, uid_t owner) {
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, owner_only));
    if (file.number() < 0) return failed_by_system(path, errno);
    Result<void> done;
    // A file of root's would lock out the account that the program runs under.
    if (owner != ::geteuid() && ::fchown(file.number(), owner, static_cast<gid_t>(-1)) != 0) {
        done = failed(ErrorCode::denied, path, "cannot be given to the owner of the old one");
    } else {
        done = write_all(file.number(), text.reveal(), path);
    }
    if (!done) ::unlink(path.c_str());  // Half a key would stand in the way of the next attempt.
    return done;
}

/// For whoever has the lock on the file at `path`.
Result<void> replace(const std::string& path, const Secret& text, uid_t owner) {
    const std::string next = path + ".new";
    // Left behind by one that was killed: a root in it has never been used.
    if (::unlink(next.c_str()) != 0 && errno != ENOENT) return failed_by_system(next, errno);
    MAJED_TRY(write_new(next, text, owner));
    if (::rename(next.c_str(), path.c_str()) != 0) {
        const int number = errno;
        ::unlink(next.c_str());
        return failed_by_system(path, number);
    }
    return synchronise_folder_of(path);
}

using RootEdit = std::function<Result<void>(std::vector<RootKey>&)>;

Result<std::vector<RootKey>> changed(const std::string& given, std::chrono::milliseconds patience,
                                     const RootEdit& edit) {
    // Of a link, what it leads to is replaced, in the folder that lies in.
    std::error_code problem;
    const std::string path = std::filesystem::canonical(given, problem);
    if (problem) return failed_by_system(given, problem.value());
    MAJED_TRY_ASSIGN(const auto file, open_locked(path, deadline_after(patience)));
    struct stat facts {};
    if (::fstat(file->number(), &facts) != 0) return failed_by_system(path, errno);
    MAJED_TRY_ASSIGN(auto roots, roots_in(file->number(), path));
    if (auto edited = edit(roots); !edited) {
        return failed(edited.error().code, path, edited.error().message);
    }
    MAJED_TRY(replace(path, format_root_keys(roots), facts.st_uid));
    return roots;
}

Error not_to_be_changed(ErrorCode code, std::string_view why) {
    return Error{.code = code, .message = std::string(why)};
}

using RootPlace = std::vector<RootKey>::const_iterator;

Result<RootPlace> place_to_retire(const std::vector<RootKey>& roots, std::string_view id) {
    const auto found =
        std::find_if(roots.begin(), roots.end(), [&](const RootKey& root) { return root.label.id == id; });
    if (found == roots.end()) return not_to_be_changed(ErrorCode::not_found, "has no root key of this id");
    if (std::next(found) == roots.end()) {
        return not_to_be_changed(
            ErrorCode::conflict,
            "the oldest root key stays for ever: pseudonyms and signatures derive from it");
    }
    if (found == roots.begin()) {
        return not_to_be_changed(ErrorCode::conflict,
                                 "the newest root key encrypts: rotate before it is retired");
    }
    return found;
}

Digest derived_from(const RootKey& root, std::string_view purpose) {
    return hmac_sha256(bytes_of(root.key.reveal()), bytes_of(purpose));
}

Secret as_secret(Digest key) {
    Secret secret(std::string(key.begin(), key.end()));
    wipe(key);
    return secret;
}

}  // namespace

Result<KeyFile> KeyFile::create(const std::string& path, RootTime now) {
    std::vector<RootKey> roots;
    roots.push_back(make_root_key(now));
    MAJED_TRY(write_new(path, format_root_keys(roots), ::geteuid()));
    MAJED_TRY(synchronise_folder_of(path));
    return KeyFile(std::move(roots));
}

Result<KeyFile> KeyFile::read(const std::string& path) {
    const Descriptor file(::open(path.c_str(), to_read));
    if (file.number() < 0) return failed_by_system(path, errno);
    MAJED_TRY_ASSIGN(auto roots, roots_in(file.number(), path));
    return KeyFile(std::move(roots));
}

Result<KeyFile> KeyFile::rotate(const std::string& path, RootTime now, std::chrono::milliseconds patience) {
    MAJED_TRY_ASSIGN(auto roots, changed(path, patience, [&](std::vector<RootKey>& held) -> Result<void> {
                         if (held.size() >= KeyRing::max_keys) {
                             return not_to_be_changed(
                                 ErrorCode::too_large,
                                 "holds as many root keys as there may be; one must be retired first");
                         }
                         held.insert(held.begin(), make_root_key(now));
                         return {};
                     }));
    return KeyFile(std::move(roots));
}

Result<KeyFile> KeyFile::retire(const std::string& path, std::string_view id,
                                std::chrono::milliseconds patience) {
    const auto take_out = [&](std::vector<RootKey>& held) -> Result<void> {
        MAJED_TRY_ASSIGN(const RootPlace place, place_to_retire(held, id));
        held.erase(place);
        return {};
    };
    MAJED_TRY_ASSIGN(auto roots, changed(path, patience, take_out));
    return KeyFile(std::move(roots));
}

Result<void> KeyFile::may_retire(std::string_view id) const {
    MAJED_TRY(place_to_retire(roots_, id));
    return {};
}

Digest KeyFile::derive(std::string_view purpose) const {
    // Without a root the key would be one that anybody can compute.
    if (roots_.empty()) return hmac_sha256(random_bytes(std::tuple_size_v<Digest>), bytes_of(purpose));
    return derived_from(roots_.back(), purpose);
}

Secret KeyFile::derive_secret(std::string_view purpose) const {
    return as_secret(derive(purpose));
}

Result<PurposeKeys> KeyFile::purpose_keys() const {
    std::vector<Secret> roots;
    roots.reserve(roots_.size());
    for (const RootKey& root : roots_) roots.push_back(as_secret(derived_from(root, encryption_purpose)));
    return PurposeKeys::from_roots(std::move(roots));
}

std::vector<RootLabel> KeyFile::roots() const {
    std::vector<RootLabel> labels;
    labels.reserve(roots_.size());
    for (const RootKey& root : roots_) labels.push_back(root.label);
    return labels;
}

}  // namespace majed::crypto
