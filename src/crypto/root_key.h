/// The root keys of an installation, and the text of a key file that holds them.
///
/// Why      What a key file says has one reading; one that was cut off or changed is refused, never half believed.
/// Life     A RootKey is move-only and wiped from memory with its owner.
/// Threads  Pure functions but for `make_root_key`; any thread.
/// Not here The file itself: who may read it, how it is replaced (key_file.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/result.h"
#include "core/secret.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace majed::crypto {

using RootTime = std::chrono::sys_seconds;

/// What anybody may know of a root.
struct RootLabel {
    std::string id;                ///< 16 hexadecimal digits: a digest that tells nothing about the key.
    std::optional<RootTime> made;  ///< Not known for a root from a file of version 1.
    friend bool operator==(const RootLabel&, const RootLabel&) = default;
};

struct RootKey {
    RootLabel label;
    Secret key;  ///< 32 raw bytes.
};

/// A random one. A time before 1970 or after the year 9999 is left out.
[[nodiscard]] RootKey make_root_key(RootTime now);

/// No key file has a longer text.
inline constexpr std::size_t max_root_text = 8192;

/// Version 2: `majed-key-v2:<how many>`, then a line for each, newest first: id, seconds since 1970 or `unknown`, key in
/// base64url; a space between, a line end after each line.
[[nodiscard]] Secret format_root_keys(const std::vector<RootKey>& roots);

/// Takes exactly what `format_root_keys` writes of 1 to KeyRing::max_keys roots, and version 1: `majed-key-v1:` and one
/// key in base64url, with a line end or without. Errors: invalid_argument (something else; a root twice; a root whose
/// id is not its own).
[[nodiscard]] Result<std::vector<RootKey>> parse_root_keys(std::string_view text);

}  // namespace majed::crypto
