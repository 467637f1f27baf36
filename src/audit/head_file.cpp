// SPDX-License-Identifier: Apache-2.0
#include "audit/head_file.h"

#include "core/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace majed::audit {
namespace {

constexpr std::size_t longest_line = 1024;

Error cannot(const char* what, const std::string& path) {
    const int native = errno;
    return Error{.code = ErrorCode::unavailable,
                 .message = "the audit's file of heads cannot be " + std::string(what) + ": " + path + ": " +
                            std::generic_category().message(native),
                 .native_code = native};
}

/// A line that was torn by a loss of power is ended, so that the next is whole.
Result<bool> ends_in_a_line(int file, const struct stat& status, const std::string& path) {
    if (status.st_size == 0) return true;
    char last = '\n';
    if (::pread(file, &last, 1, status.st_size - 1) != 1) return cannot("read", path);
    return last == '\n';
}

}  // namespace

Result<void> append_lines(const std::string& path, const std::vector<std::string>& lines) {
    const Descriptor file(
        ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600));
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return cannot("opened", path);
    if (!S_ISREG(status.st_mode)) {
        return Error{ErrorCode::unavailable, "the audit's file of heads is not a regular file: " + path};
    }
    MAJED_TRY_ASSIGN(const bool whole, ends_in_a_line(file.number(), status, path));
    std::string text = whole ? "" : "\n";
    for (const std::string& line : lines) text += line + "\n";
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(file.number(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return cannot("written", path);
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fdatasync(file.number()) != 0) return cannot("written", path);
    return {};
}

Result<std::vector<std::string>> read_lines(const std::string& path) {
    std::error_code failed;
    const auto status = std::filesystem::symlink_status(path, failed);
    if (status.type() == std::filesystem::file_type::not_found) return std::vector<std::string>{};
    if (status.type() != std::filesystem::file_type::regular) {
        return Error{ErrorCode::unavailable, "the audit's file of heads is not a regular file: " + path};
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) return cannot("opened", path);
    std::vector<std::string> lines;
    std::string line;
    while (std::getline(file, line)) {
        if (line.size() > longest_line) {
            return Error{ErrorCode::too_large, "line " + std::to_string(lines.size() + 1) + " of " + path +
                                                   " is too long for a head"};
        }
        lines.push_back(line);
    }
    if (file.bad()) return cannot("read", path);
    return lines;
}

}  // namespace majed::audit
