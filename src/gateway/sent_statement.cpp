// SPDX-License-Identifier: Apache-2.0
#include "gateway/sent_statement.h"

#include "format/json.h"

#include <cstdint>
#include <string_view>
#include <variant>

namespace majed::gateway {
namespace {

/// What a value takes of the room.
std::size_t size_of(const Value& value) {
    if (const auto* const text = std::get_if<std::string>(&value)) return text->size() + 1;
    if (const auto* const blob = std::get_if<Blob>(&value)) return blob->bytes.size() + 1;
    return sizeof(std::int64_t);
}

/// Not in the middle of a character.
std::string_view beginning(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
    return text.substr(0, most);
}

/// What is left of it; nothing more fits behind what did not.
class Room {
public:
    explicit Room(std::size_t bytes) : bytes_(bytes) {}

    bool take(std::size_t bytes) {
        cut_ = cut_ || bytes > bytes_;
        if (!cut_) bytes_ -= bytes;
        return !cut_;
    }
    [[nodiscard]] bool cut() const noexcept { return cut_; }

private:
    std::size_t bytes_;
    bool cut_ = false;
};

}  // namespace

std::string sent_statement_json(const QueryRequest& request) {
    std::string out;
    format::JsonWriter json(out);
    const std::string_view text = beginning(request.sql, most_sent_text);
    json.begin_object().key("statement").text(text);
    Room room(most_sent_text - text.size());
    json.key("parameters").begin_array();
    for (const Value& value : request.parameters.positional) {
        if (!room.take(size_of(value))) break;
        json.cell(to_view(value));
    }
    json.end_array();
    if (!request.parameters.named.empty()) {
        json.key("named").begin_object();
        for (const auto& [name, value] : request.parameters.named) {
            if (!room.take(name.size() + size_of(value))) break;
            json.key(name).cell(to_view(value));
        }
        json.end_object();
    }
    json.key("cut").boolean(room.cut() || text.size() < request.sql.size()).end_object();
    return out;
}

}  // namespace majed::gateway
