// SPDX-License-Identifier: Apache-2.0
#include "migrate/picture.h"

#include "crypto/digest.h"
#include "crypto/encoding.h"
#include "migrate/picture_reading.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

namespace majed::migrate {

namespace {

void append_number(crypto::Bytes& bytes, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<std::uint8_t>(number >> static_cast<unsigned>(shift)));
    }
}

void append_text(crypto::Bytes& bytes, std::string_view text) {
    append_number(bytes, text.size());
    bytes.insert(bytes.end(), text.begin(), text.end());
}

crypto::Digest digest_of(const SchemaObject& object) {
    crypto::Bytes bytes;
    append_text(bytes, object.kind);
    append_text(bytes, object.name);
    append_text(bytes, object.definition);
    return crypto::sha256(bytes);
}

bool same_object(const SchemaObject& a, const SchemaObject& b) {
    return std::tie(a.kind, a.name) == std::tie(b.kind, b.name);
}

/// What the ledger keeps of a name. Arguments of a function and conditions of an unnamed check can be longer.
constexpr std::size_t longest_name = 900;
constexpr std::size_t digest_digits = 16;

void shorten(std::string& name) {
    if (name.size() <= longest_name) {
        return;
    }
    const crypto::Digest digest = crypto::sha256(crypto::Bytes(name.begin(), name.end()));
    std::size_t end = longest_name - digest_digits - 4;
    // Not in the middle of a character.
    while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    name.resize(end);
    name += "... " + crypto::to_hex(digest).substr(0, digest_digits);
}

/// Sorted, each once. Nothing is lost of two that an engine calls the same.
SchemaPicture in_order(SchemaPicture picture) {
    for (SchemaObject& object : picture) {
        shorten(object.name);
    }
    std::sort(picture.begin(), picture.end());
    SchemaPicture once;
    once.reserve(picture.size());
    for (SchemaObject& object : picture) {
        if (!once.empty() && same_object(once.back(), object)) {
            once.back().definition += "\n" + object.definition;
        } else {
            once.push_back(std::move(object));
        }
    }
    return once;
}

Result<SchemaPicture> read_picture(Dialect dialect, driver::Connection& connection, Deadline deadline) {
    switch (dialect) {
        case Dialect::sqlite:
            return picture_of_sqlite(connection, deadline);
        case Dialect::postgresql:
            return picture_of_postgresql(connection, deadline);
        case Dialect::oracle:
            return picture_of_oracle(connection, deadline);
    }
    return Error{ErrorCode::internal, "no such make of database"};
}

/// A table's definition ends with its columns, a line each, so that their order is told.
constexpr std::string_view columns_line = "\ncolumns";

struct TableText {
    std::string_view head;
    std::vector<std::string_view> columns = {};
};

TableText parts_of(std::string_view definition) {
    const std::size_t found = definition.rfind(columns_line);
    if (found == std::string_view::npos) {
        return {definition};
    }
    TableText text{definition.substr(0, found)};
    std::string_view rest = definition.substr(found + columns_line.size());
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        text.columns.push_back(rest.substr(0, end));
        rest.remove_prefix(end);
    }
    return text;
}

/// Those of `columns` that are in `others`, too.
std::vector<std::string_view> common(const std::vector<std::string_view>& columns,
                                     std::vector<std::string_view> others) {
    std::sort(others.begin(), others.end());
    std::vector<std::string_view> kept;
    std::copy_if(columns.begin(), columns.end(), std::back_inserter(kept), [&](std::string_view name) {
        return std::binary_search(others.begin(), others.end(), name);
    });
    return kept;
}

/// Nothing but columns that came or went, which are differences of their own.
bool only_columns_differ(const SchemaObject& before, const SchemaObject& after) {
    if (!before.kind.ends_with("table")) {
        return false;
    }
    const TableText old_text = parts_of(before.definition);
    const TableText new_text = parts_of(after.definition);
    return old_text.head == new_text.head &&
           common(old_text.columns, new_text.columns) == common(new_text.columns, old_text.columns);
}

}  // namespace

Result<SchemaPicture> take_picture(Dialect dialect, driver::Connection& connection, Deadline deadline) {
    MAJED_TRY_ASSIGN(SchemaPicture picture, read_picture(dialect, connection, deadline));
    return in_order(std::move(picture));
}

std::string hash_of(const SchemaPicture& picture) {
    crypto::Bytes digests;
    digests.reserve(picture.size() * sizeof(crypto::Digest));
    for (const SchemaObject& object : picture) {
        const crypto::Digest digest = digest_of(object);
        digests.insert(digests.end(), digest.begin(), digest.end());
    }
    return "p1:" + crypto::to_hex(crypto::sha256(digests));
}

std::vector<SchemaDifference> differences(const SchemaPicture& before, const SchemaPicture& after) {
    std::vector<SchemaDifference> found;
    auto old_one = before.begin();
    auto new_one = after.begin();
    const auto is_before = [](const SchemaObject& a, const SchemaObject& b) {
        return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
    };
    while (old_one != before.end() || new_one != after.end()) {
        if (new_one == after.end() || (old_one != before.end() && is_before(*old_one, *new_one))) {
            found.push_back({Difference::removed, old_one->kind, old_one->name, old_one->definition, {}});
            ++old_one;
        } else if (old_one == before.end() || is_before(*new_one, *old_one)) {
            found.push_back({Difference::added, new_one->kind, new_one->name, {}, new_one->definition});
            ++new_one;
        } else {
            if (old_one->definition != new_one->definition && !only_columns_differ(*old_one, *new_one)) {
                found.push_back({Difference::altered, old_one->kind, old_one->name, old_one->definition,
                                 new_one->definition});
            }
            ++old_one;
            ++new_one;
        }
    }
    return found;
}

}  // namespace majed::migrate
