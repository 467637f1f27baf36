// SPDX-License-Identifier: Apache-2.0
#include "cli/new_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace majed::cli {
namespace {

Error file_error(const std::string& doing, int native) {
    return {.code = ErrorCode::unavailable,
            .message = doing + ": " + std::generic_category().message(native),
            .native_code = native};
}

}  // namespace

NewFile::NewFile(std::string path, int number) noexcept : path_(std::move(path)), file_(number) {}

NewFile::~NewFile() {
    if (!kept_) ::unlink(path_.c_str());
}

Result<std::unique_ptr<NewFile>> NewFile::create(const std::string& path) {
    const int number = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (number < 0 && errno == EEXIST) {
        return Error{.code = ErrorCode::conflict,
                     .message = path + " is there already",
                     .hint = "give a name that is not taken: nothing is overwritten"};
    }
    if (number < 0) return file_error("cannot create " + path, errno);
    return std::unique_ptr<NewFile>(new NewFile(path, number));
}

Result<void> NewFile::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file_.number(), text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return file_error("cannot write " + path_, errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> NewFile::keep() {
    if (::fsync(file_.number()) != 0) return file_error("cannot write " + path_, errno);
    kept_ = true;
    return {};
}

}  // namespace majed::cli
