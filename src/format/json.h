/// Writes JSON as UTF-8 text, always valid: bad bytes become U+FFFD, numbers that JSON cannot hold change
/// shape.
///
/// Why      Two doors answer in JSON and must spell one value the same way.
/// Life     A JsonWriter borrows the string it appends to.
/// Threads  One thread at a time.
/// Not here Reading JSON (api/), the shape of the answers (rows_writer.h, api/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.h"
#include "core/value.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace majed::format {

/// Appends `text` in quotes, escaped.
void append_json_text(std::string& out, std::string_view text);

/// Base64 with padding (RFC 4648 section 4).
[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

/// Commas are its business; balanced begin and end are the caller's.
class JsonWriter {
public:
    explicit JsonWriter(std::string& out) noexcept : out_(out) {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    /// Null where there is none.
    JsonWriter& text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    /// Beyond 2^53 in size: a string, because readers that use doubles would change the number.
    JsonWriter& integer(std::int64_t value);
    JsonWriter& unsigned_integer(std::uint64_t value);
    /// Shortest text that reads back the same; not finite: null.
    JsonWriter& real(double value);
    /// A value that is JSON already.
    JsonWriter& json(std::string_view value);
    /// Blobs are base64 strings; an error is `{"error":"undecryptable"}`.
    JsonWriter& cell(const ValueView& value);

    template <class Texts>
    JsonWriter& texts(const Texts& values) {
        begin_array();
        for (const auto& value : values) {
            text(value);
        }
        return end_array();
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    void separate();
    std::string& out_;
    bool needs_comma_ = false;
};

/// The members every door uses for an error: code, message as `detail`, and hint, offset, retry_after when
/// there. Written into an object that is already open.
void append_error_members(JsonWriter& json, const Error& error);

}  // namespace majed::format
