// SPDX-License-Identifier: Apache-2.0
#include "crypto/key_file.h"

#include "core/descriptor.h"
#include "crypto/random.h"
#include "crypto/wipe.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace majed::crypto {
namespace {

constexpr std::string_view version_prefix = "majed-key-v1:";
constexpr std::size_t key_bytes = 32;

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

/// Reads at most one byte more than a key file can have, so that a longer one is noticed.
Result<Secret> read_text(int file, const std::string& path) {
    std::string text(version_prefix.size() + 64, '\0');
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

}  // namespace

Result<KeyFile> KeyFile::create(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.number() < 0) return failed_by_system(path, errno);
    Bytes key = random_bytes(key_bytes);
    const Secret text(std::string(version_prefix) + to_base64url(key) + "\n");
    Secret raw(std::string(key.begin(), key.end()));
    wipe(key);
    if (auto written = write_all(file.number(), text.reveal(), path); !written) {
        ::unlink(path.c_str());  // Half a key would stand in the way of the next attempt.
        return std::move(written).error();
    }
    return KeyFile(std::move(raw));
}

Result<KeyFile> KeyFile::read(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) return failed_by_system(path, errno);
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0) return failed_by_system(path, errno);
    if (!S_ISREG(facts.st_mode)) return failed(ErrorCode::invalid_argument, path, "is not a regular file");
    if ((facts.st_mode & 077U) != 0) {
        return failed(ErrorCode::denied, path, "others than its owner may read or change it")
            .with_hint("chmod 600 " + path);
    }
    MAJED_TRY_ASSIGN(const Secret text, read_text(file.number(), path));
    std::string_view body = text.reveal();
    if (body.ends_with('\n')) body.remove_suffix(1);
    if (!body.starts_with(version_prefix)) {
        return failed(ErrorCode::invalid_argument, path, "does not begin with majed-key-v1:");
    }
    auto key = from_base64url(body.substr(version_prefix.size()));
    if (!key || key->size() != key_bytes) {
        return failed(ErrorCode::invalid_argument, path, "does not hold 32 bytes in base64url");
    }
    Secret raw(std::string(key->begin(), key->end()));
    wipe(*key);
    return KeyFile(std::move(raw));
}

Digest KeyFile::derive(std::string_view purpose) const {
    return hmac_sha256(bytes_of(key_.reveal()), bytes_of(purpose));
}

Secret KeyFile::derive_secret(std::string_view purpose) const {
    Digest key = derive(purpose);
    Secret derived(std::string(key.begin(), key.end()));
    wipe(key);
    return derived;
}

}  // namespace majed::crypto
