// SPDX-License-Identifier: Apache-2.0
#include "corpora/plain_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstdio>
#include <variant>

namespace majed::corpora {
namespace {

constexpr int steps_between_looks = 1000;
constexpr int most_looks = 4000;

int stop_when_heavy(void* looks) {
    return ++*static_cast<int*>(looks) > most_looks ? 1 : 0;
}

ValueView view_of(sqlite3_stmt* statement, int index) {
    const auto size = [&] { return static_cast<std::size_t>(sqlite3_column_bytes(statement, index)); };
    switch (sqlite3_column_type(statement, index)) {
        case SQLITE_INTEGER:
            return std::int64_t{sqlite3_column_int64(statement, index)};
        case SQLITE_FLOAT:
            return sqlite3_column_double(statement, index);
        case SQLITE_TEXT: {
            const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, index));
            return std::string_view(text == nullptr ? "" : text, size());
        }
        case SQLITE_BLOB: {
            const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(statement, index));
            return BlobView{{bytes, size()}};
        }
        default:
            return Null{};
    }
}

}  // namespace

std::string cell_text(const ValueView& cell) {
    struct Text {
        std::string operator()(Null) const { return "~"; }
        std::string operator()(bool truth) const { return truth ? "1" : "0"; }
        std::string operator()(std::int64_t value) const { return std::to_string(value); }
        std::string operator()(double value) const {
            char digits[40];
            std::snprintf(digits, sizeof digits, "r%.10g", value);
            return digits;
        }
        std::string operator()(std::string_view value) const { return "'" + std::string(value) + "'"; }
        std::string operator()(CellError error) const { return "!" + std::string(error.code); }
        std::string operator()(const BlobView& value) const {
            std::string text = "x";
            for (const std::byte byte : value.bytes) text += std::to_string(std::to_integer<int>(byte)) + ".";
            return text;
        }
    };
    return std::visit(Text{}, cell);
}

void Answer::sort() {
    std::sort(rows.begin(), rows.end());
}

void PlainDatabase::Close::operator()(sqlite3* database) const noexcept {
    sqlite3_close(database);
}

PlainDatabase::PlainDatabase() {
    sqlite3* raw = nullptr;
    sqlite3_open(":memory:", &raw);
    database_.reset(raw);
}

PlainDatabase::~PlainDatabase() = default;

bool PlainDatabase::execute(const std::string& sql) {
    return sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

std::string PlainDatabase::error() const {
    return sqlite3_errmsg(database_.get());
}

Answer PlainDatabase::run(std::string_view sql) {
    Answer answer;
    int looks = 0;
    sqlite3_progress_handler(database_.get(), steps_between_looks, stop_when_heavy, &looks);
    sqlite3_stmt* statement = nullptr;
    int code =
        sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    const int columns = sqlite3_column_count(statement);
    for (int i = 0; i < columns; ++i) answer.columns.emplace_back(sqlite3_column_name(statement, i));
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW) break;
        std::string row;
        for (int i = 0; i < columns; ++i) row += cell_text(view_of(statement, i)) + "|";
        answer.rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) {
        answer.end = code == SQLITE_INTERRUPT ? Answer::End::too_heavy : Answer::End::failed;
        answer.error = error();
        answer.rows.clear();
    }
    sqlite3_finalize(statement);
    sqlite3_progress_handler(database_.get(), 0, nullptr, nullptr);
    answer.sort();
    return answer;
}

std::vector<std::string> PlainDatabase::list(std::string_view sql) {
    std::vector<std::string> all;
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    while (statement != nullptr && sqlite3_step(statement) == SQLITE_ROW) {
        const auto* text = static_cast<const char*>(sqlite3_column_blob(statement, 0));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
        all.emplace_back(text == nullptr ? std::string() : std::string(text, size));
    }
    sqlite3_finalize(statement);
    return all;
}

}  // namespace majed::corpora
