/// A file that was not there before, for its owner alone, which is there whole or not at all.
///
/// Why      What leaves the house must not overwrite anything, be read by others, or pass for complete when it is not.
/// Life     Removes the file again unless it was kept.
/// Threads  One.
/// Not here What is written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/descriptor.h"
#include "core/result.h"

#include <memory>
#include <string>
#include <string_view>

namespace majed::cli {

class NewFile {
public:
    /// Errors: conflict (there is something of that name), unavailable.
    [[nodiscard]] static Result<std::unique_ptr<NewFile>> create(const std::string& path);
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile();

    /// Errors: unavailable (disk full).
    [[nodiscard]] Result<void> write(std::string_view text);
    /// It is complete: on disk when this returns, and stays. Errors: unavailable.
    [[nodiscard]] Result<void> keep();

private:
    NewFile(std::string path, int number) noexcept;

    std::string path_;
    Descriptor file_;
    bool kept_ = false;
};

}  // namespace majed::cli
