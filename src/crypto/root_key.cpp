// SPDX-License-Identifier: Apache-2.0
#include "crypto/root_key.h"

#include "crypto/digest.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "crypto/wipe.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace majed::crypto {
namespace {

constexpr std::string_view any_version = "majed-key-v";
constexpr std::string_view first_version = "majed-key-v1:";
constexpr std::string_view second_version = "majed-key-v2:";
constexpr std::string_view unknown_time = "unknown";
constexpr std::size_t root_size = 32;
constexpr std::size_t root_text_size = 43;
constexpr std::size_t root_id_bytes = 8;
constexpr std::int64_t last_second = 253'402'300'799;  // Of the year 9999: a date has four digits for it.
// Id, time and key, two spaces and a line end.
constexpr std::size_t max_line = 2 * root_id_bytes + 1 + 20 + 1 + root_text_size + 1;
constexpr std::size_t max_first_line = second_version.size() + 8;
static_assert(max_first_line + KeyRing::max_keys * max_line < max_root_text);

// Part of every id: to change it is to refuse the files there are.
constexpr std::string_view root_id_domain = "majed-root-key-id-v1";

Error no_roots(std::string_view what) {
    return Error{.code = ErrorCode::invalid_argument, .message = std::string(what)};
}

bool is_told(std::int64_t seconds) {
    return seconds >= 0 && seconds <= last_second;
}

/// A digest that no other use of the key computes.
std::string root_id_of(const Secret& key) {
    std::string text;
    text.reserve(root_id_domain.size() + 1 +
                 root_size);  // One allocation: no copy of the key is left behind.
    text.append(root_id_domain).append(1, '\0').append(key.reveal());
    const Secret named(std::move(text));
    const Digest digest = sha256(bytes_of(named.reveal()));
    return to_hex(BytesView(digest).first(root_id_bytes));
}

RootKey labelled(Secret key, std::optional<RootTime> made) {
    std::string id = root_id_of(key);
    return RootKey{.label = {.id = std::move(id), .made = made}, .key = std::move(key)};
}

Result<Secret> key_in(std::string_view text) {
    auto bytes = from_base64url(text);
    if (!bytes) return no_roots("does not hold 32 bytes in base64url");
    Secret key(std::string(bytes->begin(), bytes->end()));
    wipe(*bytes);
    if (key.reveal().size() != root_size) return no_roots("does not hold 32 bytes in base64url");
    return key;
}

/// A number as std::to_string writes it.
std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || std::to_string(number) != text) return std::nullopt;
    return number;
}

/// What stands before the next `end`, which must be there; both are taken off the text.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at + 1);
    return taken;
}

Result<RootKey> root_in(std::string_view line) {
    const auto id = take_until(line, ' ');
    const auto time = take_until(line, ' ');
    if (!id || !time) return no_roots("has a line that is no root key");
    std::optional<RootTime> made;
    if (*time != unknown_time) {
        const auto seconds = number_in(*time);
        if (!seconds || !is_told(*seconds)) return no_roots("has a root key of no time");
        made = RootTime(std::chrono::seconds(*seconds));
    }
    MAJED_TRY_ASSIGN(Secret key, key_in(line));
    RootKey root = labelled(std::move(key), made);
    // One wrong character of a key would make others of everything that derives from it.
    if (root.label.id != *id) return no_roots("has a root key that does not fit its id");
    return root;
}

Result<std::vector<RootKey>> read_one(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    MAJED_TRY_ASSIGN(Secret key, key_in(text));
    std::vector<RootKey> roots;
    roots.push_back(labelled(std::move(key), std::nullopt));
    return roots;
}

Result<std::vector<RootKey>> read_several(std::string_view text) {
    const auto first = take_until(text, '\n');
    const auto count = first ? number_in(*first) : std::nullopt;
    if (!count || *count < 1 || *count > static_cast<std::int64_t>(KeyRing::max_keys)) {
        return no_roots("does not say how many root keys it holds");
    }
    std::vector<RootKey> roots;
    roots.reserve(static_cast<std::size_t>(*count));
    for (std::int64_t i = 0; i < *count; ++i) {
        const auto line = take_until(text, '\n');
        if (!line) return no_roots("is cut off");
        MAJED_TRY_ASSIGN(RootKey root, root_in(*line));
        const auto same = [&](const RootKey& other) { return other.label.id == root.label.id; };
        if (std::any_of(roots.begin(), roots.end(), same)) return no_roots("holds a root key twice");
        roots.push_back(std::move(root));
    }
    if (!text.empty()) return no_roots("goes on after its last root key");
    return roots;
}

}  // namespace

RootKey make_root_key(RootTime now) {
    Bytes bytes = random_bytes(root_size);
    Secret key(std::string(bytes.begin(), bytes.end()));
    wipe(bytes);
    const bool told = is_told(now.time_since_epoch().count());
    return labelled(std::move(key), told ? std::optional(now) : std::nullopt);
}

Secret format_root_keys(const std::vector<RootKey>& roots) {
    std::string text;
    text.reserve(max_first_line + roots.size() * max_line);  // One allocation, as above.
    text.append(second_version).append(std::to_string(roots.size())).append(1, '\n');
    for (const RootKey& root : roots) {
        const Secret key(to_base64url(bytes_of(root.key.reveal())));
        text.append(root.label.id).append(1, ' ');
        text.append(root.label.made ? std::to_string(root.label.made->time_since_epoch().count())
                                    : std::string(unknown_time));
        text.append(1, ' ').append(key.reveal()).append(1, '\n');
    }
    return Secret(std::move(text));
}

Result<std::vector<RootKey>> parse_root_keys(std::string_view text) {
    if (text.starts_with(first_version)) return read_one(text.substr(first_version.size()));
    if (text.starts_with(second_version)) return read_several(text.substr(second_version.size()));
    if (text.starts_with(any_version)) return no_roots("is of a version that this program does not know");
    return no_roots("does not begin with majed-key-v1: or majed-key-v2:");
}

}  // namespace majed::crypto
