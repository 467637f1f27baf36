// SPDX-License-Identifier: Apache-2.0
#include "app/root_keys.h"

#include "crypto/key_file.h"

#include <fmt/chrono.h>

#include <chrono>
#include <utility>

namespace majed::app {
namespace {

crypto::RootTime this_second() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string made_text(crypto::RootTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace

Result<std::string> generate_root_key(const std::string& path) {
    MAJED_TRY_ASSIGN(const auto made, crypto::KeyFile::create(path, this_second()));
    return made.roots().front().id;
}

Result<std::string> rotate_root_key(const std::string& path) {
    MAJED_TRY_ASSIGN(const auto rotated, crypto::KeyFile::rotate(path, this_second()));
    return rotated.roots().front().id;
}

Result<std::vector<cli::RootKeyLine>> list_root_keys(const std::string& path) {
    MAJED_TRY_ASSIGN(const auto file, crypto::KeyFile::read(path));
    std::vector<cli::RootKeyLine> lines;
    for (auto& root : file.roots()) {
        lines.push_back(
            {.id = std::move(root.id), .created = root.made ? made_text(*root.made) : std::string()});
    }
    lines.front().encrypts = true;
    lines.back().derives = true;
    return lines;
}

}  // namespace majed::app
