// SPDX-License-Identifier: Apache-2.0
#include "driver/sqlite/native_value.h"

#include <sqlite3.h>

namespace majed::driver::sqlite {

namespace {

struct Bind {
    sqlite3_stmt* statement;
    int index;
    sqlite3_destructor_type bytes;

    int operator()(Null) const { return sqlite3_bind_null(statement, index); }
    int operator()(std::int64_t value) const { return sqlite3_bind_int64(statement, index, value); }
    int operator()(bool value) const { return sqlite3_bind_int64(statement, index, value ? 1 : 0); }
    int operator()(double value) const { return sqlite3_bind_double(statement, index, value); }
    int operator()(const std::string& value) const {
        return sqlite3_bind_text64(statement, index, value.data(), value.size(), bytes, SQLITE_UTF8);
    }
    int operator()(const Blob& value) const {
        // A null pointer would bind NULL, which an empty blob is not.
        const void* start = value.bytes.empty() ? static_cast<const void*>("") : value.bytes.data();
        return sqlite3_bind_blob64(statement, index, start, value.bytes.size(), bytes);
    }
};

}  // namespace

int bind_value(sqlite3_stmt* statement, int index, const Value& value, BoundBytes bytes) {
    const sqlite3_destructor_type keep = bytes == BoundBytes::copied ? SQLITE_TRANSIENT : SQLITE_STATIC;
    return std::visit(Bind{statement, index, keep}, value);
}

ValueView column_view(sqlite3_stmt* statement, int index) {
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, index)};
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_TEXT: {
            const unsigned char* text = sqlite3_column_text(statement, index);
            const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
            return text == nullptr ? std::string_view()
                                   : std::string_view(reinterpret_cast<const char*>(text), length);
        }
        case SQLITE_BLOB: {
            const void* bytes = sqlite3_column_blob(statement, index);
            const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, index));
            return BlobView{{static_cast<const std::byte*>(bytes), bytes == nullptr ? 0 : length}};
        }
        default:
            return Null{};
    }
}

}  // namespace majed::driver::sqlite
