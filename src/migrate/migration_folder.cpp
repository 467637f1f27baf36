// SPDX-License-Identifier: Apache-2.0
#include "core/ascii.h"
#include "core/descriptor.h"
#include "format/text.h"
#include "migrate/migration.h"
#include "migrate/migration_name.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/descriptor.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace majed::migrate {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{64} << 20U;
constexpr std::size_t max_folder_bytes = std::size_t{512} << 20U;
constexpr std::size_t max_files = 100000;
constexpr std::size_t max_description_bytes = 150;
constexpr std::size_t max_digits = 18;
constexpr int lock_tries = 500;
constexpr int lock_pause_ms = 10;
constexpr int new_tries = 20;

struct CloseFolder {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

Error failed_by_system(const std::string& path, int number) {
    const ErrorCode code = number == ENOENT    ? ErrorCode::not_found
                           : number == ENOTDIR ? ErrorCode::not_found
                           : number == EEXIST  ? ErrorCode::conflict
                                               : ErrorCode::unavailable;
    return Error{.code = code,
                 .message = format::printable(path) + ": " + std::strerror(number),
                 .native_code = number};
}

Error too_large(const std::string& path, std::string_view what) {
    return Error{.code = ErrorCode::too_large, .message = format::printable(path) + ": " + std::string(what)};
}

std::string inside(const std::string& folder, const std::string& file) {
    return folder + (folder.empty() || folder.ends_with('/') ? "" : "/") + file;
}

/// Sorted, so that mistakes are told in the same order everywhere.
Result<std::vector<std::string>> files_of(const std::string& folder) {
    const std::unique_ptr<DIR, CloseFolder> listing(::opendir(folder.empty() ? "." : folder.c_str()));
    if (!listing) {
        return failed_by_system(folder, errno);
    }
    std::vector<std::string> names;
    while (true) {
        errno = 0;
        const dirent* entry =
            ::readdir(listing.get());  // NOLINT(concurrency-mt-unsafe): a listing of our own
        if (entry == nullptr) {
            break;
        }
        if (is_migration_file(static_cast<const char*>(entry->d_name))) {
            names.emplace_back(static_cast<const char*>(entry->d_name));
        }
        if (names.size() > max_files) {
            return too_large(folder, "has more than 100000 migrations");
        }
    }
    if (errno != 0) {
        return failed_by_system(folder, errno);
    }
    std::ranges::sort(names);
    return names;
}

Result<std::string> read_to_end(int file, const std::string& path) {
    std::string bytes;
    std::array<char, 65536> chunk{};
    while (bytes.size() <= max_file_bytes) {
        const ssize_t count = ::read(file, chunk.data(), chunk.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed_by_system(path, errno);
        }
        if (count == 0) {
            return bytes;
        }
        bytes.append(chunk.data(), static_cast<std::size_t>(count));
    }
    return too_large(path, "is larger than 64 MiB");
}

Result<MigrationText> read_text(const std::string& folder, const std::string& name) {
    const std::string path = inside(folder, name);
    MigrationText text{.file = name, .bytes = {}};
    // Without O_NONBLOCK, opening a pipe that nobody writes to would never end.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.number() < 0) {
        if (errno == ENOENT || errno == ELOOP) {
            text.refusal = "is a link to nothing";
            return text;
        }
        if (errno == ENXIO) {
            text.refusal = "is no regular file";
            return text;
        }
        return failed_by_system(path, errno);
    }
    struct stat facts {};
    if (::fstat(file.number(), &facts) != 0) {
        return failed_by_system(path, errno);
    }
    if (!S_ISREG(facts.st_mode)) {
        text.refusal = S_ISDIR(facts.st_mode) ? "is a folder" : "is no regular file";
        return text;
    }
    MAJED_TRY_ASSIGN(text.bytes, read_to_end(file.number(), path));
    return text;
}

// ---- new ----

Result<std::string> folded(std::string_view description) {
    std::string name;
    for (const char c : description) {
        const char lower = ascii_lower(c);
        const bool kept = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
        if (kept) {
            name += lower;
        } else if (!name.empty() && !name.ends_with('_')) {
            name += '_';
        }
    }
    while (name.ends_with('_')) {
        name.pop_back();
    }
    if (name.empty()) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the description has no letter of a-z and no digit"};
    }
    if (name.size() > max_description_bytes) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the description is longer than 150 bytes"};
    }
    return name;
}

/// The last of its numbers counts up and keeps its width: 009, 010; 2.1, 2.2.
Result<std::string> successor_of(const Version& greatest) {
    std::string text = greatest.text();
    std::size_t at = text.size();
    while (at > 0 && text[at - 1] == '9') {
        text[--at] = '0';
    }
    if (at > 0 && text[at - 1] != '.') {
        ++text[at - 1];
        return text;
    }
    text.insert(at, 1, '1');
    if (text.size() - at > max_digits) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "version " + greatest.text() + " has no successor"};
    }
    return text;
}

Result<std::string> next_version(const std::string& folder) {
    MAJED_TRY_ASSIGN(const auto names, files_of(folder));
    std::optional<Version> greatest;
    for (const std::string& name : names) {
        auto parsed = parse_migration_name(name);
        if (!parsed) {
            return Error{.code = ErrorCode::invalid_argument,
                         .message = format::printable(name) + ": " + parsed.error().message};
        }
        if (parsed->version && (!greatest || *greatest < *parsed->version)) {
            greatest = std::move(parsed->version);
        }
    }
    if (!greatest) {
        return std::string("001");
    }
    return successor_of(*greatest);
}

/// Holds other `new`s off until it goes out of scope, or its process dies.
Result<void> lock(const Descriptor& folder, const std::string& path) {
    for (int tries = 0; tries < lock_tries; ++tries) {
        if (::flock(folder.number(), LOCK_EX | LOCK_NB) == 0) {
            return {};
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            // A file system without locks: two of one version are then refused when they are read.
            return {};
        }
        ::poll(nullptr, 0, lock_pause_ms);
    }
    return Error{
        .code = ErrorCode::conflict,
        .message = format::printable(path) + ": another process has been making a migration there for 5 s"};
}

Result<void> write_new_file(const std::string& path, std::string_view text) {
    constexpr mode_t readable = 0666;  // The umask takes away what the author's other files lack.
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, readable));
    if (file.number() < 0) {
        return failed_by_system(path, errno);
    }
    while (!text.empty()) {
        const ssize_t count = ::write(file.number(), text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            const int number = errno;
            ::unlink(path.c_str());  // Half a file would count as a migration.
            return failed_by_system(path, number);
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

std::string scaffold(const std::string& version, const std::string& description) {
    return "-- Migration: " + version + " - " + description +
           "\n\n"
           "-- majed:up\n"
           "-- The statements that make the change, each ended as the database's own client ends it.\n\n"
           "-- majed:down\n"
           "-- The statements that take it back, last first. Left empty: there is no way back.\n";
}

}  // namespace

Result<std::vector<MigrationText>> read_folder(const std::string& folder) {
    MAJED_TRY_ASSIGN(const auto names, files_of(folder));
    std::vector<MigrationText> texts;
    std::size_t bytes = 0;
    for (const std::string& name : names) {
        MAJED_TRY_ASSIGN(auto text, read_text(folder, name));
        bytes += text.bytes.size();
        if (bytes > max_folder_bytes) {
            return too_large(folder, "its migrations are larger than 512 MiB together");
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

Result<std::string> write_new_migration(const std::string& folder, std::string_view description) {
    MAJED_TRY_ASSIGN(const std::string name, folded(description));
    const std::string where = folder.empty() ? "." : folder;
    constexpr mode_t open_to_all = 0777;
    if (::mkdir(where.c_str(), open_to_all) != 0 && errno != EEXIST) {
        return failed_by_system(where, errno);
    }
    const Descriptor opened(::open(where.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.number() < 0) {
        return failed_by_system(where, errno);
    }
    MAJED_TRY(lock(opened, where));
    for (int tries = 0;; ++tries) {
        MAJED_TRY_ASSIGN(const std::string version, next_version(where));
        std::string path = inside(where, version + "_" + name + ".sql");
        auto written = write_new_file(path, scaffold(version, name));
        if (written) {
            return path;
        }
        if (written.error().code != ErrorCode::conflict || tries == new_tries) {
            return std::move(written).error();
        }
    }
}

}  // namespace majed::migrate
