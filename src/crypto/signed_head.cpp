// SPDX-License-Identifier: Apache-2.0
#include "crypto/signed_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

namespace majed::crypto {
namespace {

/// Of the signed bytes and of the line. A key that signs heads signs nothing else that begins so.
constexpr std::string_view tag = "majed-tree-head-v1";
constexpr std::size_t longest_log_id = 64;
constexpr std::size_t fields_in_line = 6;
/// Tag, log id, size, root, milliseconds, signature, five spaces.
constexpr std::size_t longest_line = tag.size() + longest_log_id + 19 + 43 + 19 + 86 + 5;

Error refused(const char* message) {
    return Error{.code = ErrorCode::invalid_argument, .message = message};
}

bool is_log_id_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

Result<void> check(const TreeHead& head) {
    if (head.log_id.empty() || head.log_id.size() > longest_log_id ||
        !std::ranges::all_of(head.log_id, is_log_id_character)) {
        return refused("a log id has 1..64 letters, digits, dots, underscores and hyphens");
    }
    if (head.tree.size > max_tree_size) return refused("a tree head has at most 2^63 leaves");
    if (head.tree.size == 0 && head.tree.root != empty_root()) {
        return refused("a tree head without leaves has the root of nothing");
    }
    if (head.time.time_since_epoch().count() < 0) return refused("a tree head is not from before 1970");
    return {};
}

void append_number(Bytes& bytes, std::uint64_t number, unsigned length) {
    for (unsigned left = length; left > 0; --left) {
        bytes.push_back(static_cast<std::uint8_t>(number >> (8 * (left - 1))));
    }
}

void append_field(Bytes& bytes, BytesView field) {
    append_number(bytes, field.size(), 4);
    bytes.insert(bytes.end(), field.begin(), field.end());
}

void append_number_field(Bytes& bytes, std::uint64_t number) {
    append_number(bytes, 8, 4);
    append_number(bytes, number, 8);
}

std::uint64_t milliseconds_of(const TreeHead& head) {
    return static_cast<std::uint64_t>(head.time.time_since_epoch().count());
}

/// The parts between single spaces; nullopt when there are more or fewer than a line has.
std::optional<std::array<std::string_view, fields_in_line>> split(std::string_view line) {
    std::array<std::string_view, fields_in_line> fields;
    for (std::size_t i = 0; i + 1 < fields.size(); ++i) {
        const std::size_t space = line.find(' ');
        if (space == std::string_view::npos) return std::nullopt;
        fields.at(i) = line.substr(0, space);
        line.remove_prefix(space + 1);
    }
    fields.back() = line;  // A further space is in no alphabet of a signature.
    return fields;
}

/// Digits without leading zeros, at most `most`.
std::optional<std::uint64_t> number_from(std::string_view text, std::uint64_t most) {
    if (text.empty() || (text.front() == '0' && text.size() > 1)) return std::nullopt;
    std::uint64_t number = 0;
    const char* const last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc() || end != last || number > most) return std::nullopt;
    return number;
}

template <std::size_t size>
bool read_bytes(std::string_view text, std::array<std::uint8_t, size>& bytes) {
    const auto decoded = from_base64url(text);
    if (!decoded || decoded->size() != size) return false;
    std::ranges::copy(*decoded, bytes.begin());
    // The decoder of libsodium 1.0.18 takes bytes past ASCII for '_': what we would not write so is refused.
    return to_base64url(bytes) == text;
}

}  // namespace

Result<Bytes> bytes_to_sign(const TreeHead& head) {
    MAJED_TRY(check(head));
    Bytes bytes;
    append_field(bytes, bytes_of(tag));
    append_field(bytes, bytes_of(head.log_id));
    append_number_field(bytes, head.tree.size);
    append_field(bytes, head.tree.root);
    append_number_field(bytes, milliseconds_of(head));
    return bytes;
}

Result<SignedHead> sign_head(TreeHead head, const SigningKey& key) {
    MAJED_TRY_ASSIGN(const Bytes bytes, bytes_to_sign(head));
    return SignedHead{.head = std::move(head), .signature = key.sign(bytes)};
}

Result<void> verify_head(const SignedHead& signed_head, const VerifyingKey& key) {
    MAJED_TRY_ASSIGN(const Bytes bytes, bytes_to_sign(signed_head.head));
    if (!key.accepts(bytes, signed_head.signature)) {
        return Error{.code = ErrorCode::denied, .message = "the tree head is not signed with this key"};
    }
    return {};
}

Result<std::string> format_head(const SignedHead& signed_head) {
    const TreeHead& head = signed_head.head;
    MAJED_TRY(check(head));
    std::string line(tag);
    line.append(" ").append(head.log_id);
    line.append(" ").append(std::to_string(head.tree.size));
    line.append(" ").append(to_base64url(head.tree.root));
    line.append(" ").append(std::to_string(milliseconds_of(head)));
    line.append(" ").append(to_base64url(signed_head.signature));
    return line;
}

Result<SignedHead> parse_head(std::string_view line) {
    if (line.size() > longest_line) return refused("this line is too long for a tree head");
    const auto fields = split(line);
    if (!fields || fields->front() != tag) return refused("this line is no tree head of a known version");
    SignedHead parsed;
    parsed.head.log_id = std::string(fields->at(1));
    const auto size = number_from(fields->at(2), max_tree_size);
    const auto milliseconds = number_from(fields->at(4), INT64_MAX);
    if (!size || !milliseconds) return refused("a number of this tree head is not written as we write it");
    parsed.head.tree.size = *size;
    parsed.head.time = decltype(TreeHead::time)(std::chrono::milliseconds(*milliseconds));
    if (!read_bytes(fields->at(3), parsed.head.tree.root) || !read_bytes(fields->at(5), parsed.signature)) {
        return refused("root or signature of this tree head is not written as we write it");
    }
    MAJED_TRY(check(parsed.head));
    return parsed;
}

}  // namespace majed::crypto
