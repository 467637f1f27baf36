// SPDX-License-Identifier: Apache-2.0
// The picture of a SQLite file's `main`: what sqlite_schema says, cut into tables, columns and the rest.
#include "core/ascii.h"
#include "migrate/picture_reading.h"
#include "migrate/picture_sqlite_tokens.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

namespace majed::migrate {

namespace {

using sqlite_text::canonical;
using sqlite_text::KnownNames;
using sqlite_text::parts_of_table;
using sqlite_text::shown_name;
using sqlite_text::TableParts;
using sqlite_text::Token;
using sqlite_text::TokenKind;
using sqlite_text::tokens_of;

constexpr std::string_view special_tables_sql =
    "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('shadow', 'virtual')";
constexpr std::string_view schema_sql =
    "SELECT type, name, tbl_name, sql FROM main.sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
/// Virtual tables are not asked: their module may not be here.
constexpr std::string_view sqlite_columns_sql =
    "SELECT DISTINCT c.name FROM main.sqlite_schema s, pragma_table_xinfo(s.name, 'main') c"
    " WHERE s.type = 'table' AND s.rootpage > 0";

constexpr std::array<std::string_view, 5> constraint_words{"constraint", "primary", "unique", "check",
                                                           "foreign"};

struct Entry {
    std::string type;
    std::string name;
    std::string table;
    std::string sql;
};

class SqlitePicture {
public:
    SqlitePicture(driver::Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    Result<SchemaPicture> read() {
        MAJED_TRY(each(special_tables_sql, [this](Cells cells) {
            (cell_text(cells[1]) == "shadow" ? shadows_ : virtual_tables_).insert(lower(cells[0]));
        }));
        MAJED_TRY(each(schema_sql, [this](Cells cells) {
            names_.insert(lower(cells[1]));
            entries_.push_back(
                {cell_text(cells[0]), cell_text(cells[1]), lower(cells[2]), cell_text(cells[3])});
        }));
        MAJED_TRY(each(sqlite_columns_sql, [this](Cells cells) { names_.insert(lower(cells[0])); }));
        for (const Entry& entry : entries_) {
            if (!is_left_out(entry)) {
                add(entry);
            }
        }
        return std::move(picture_);
    }

private:
    static std::string lower(const ValueView& cell) { return ascii_lower(cell_text(cell)); }

    Result<void> each(std::string_view sql, std::function<void(Cells)> take) {
        return for_each_row(connection_, sql, {}, deadline_, std::move(take));
    }

    bool is_left_out(const Entry& entry) const {
        return entry.table.starts_with("sqlite_") || ascii_lower(entry.name).starts_with("sqlite_") ||
               is_ledger_name(entry.table) || shadows_.contains(entry.table);
    }

    void add(const Entry& entry) {
        const std::vector<Token> tokens = tokens_of(entry.sql);
        if (entry.type == "table" && !virtual_tables_.contains(ascii_lower(entry.name))) {
            add_table(entry, tokens);
            return;
        }
        const std::string kind = entry.type == "table" ? "virtual table" : entry.type;
        picture_.push_back({kind, shown_name(entry.name), canonical(behind_name(tokens), names_)});
    }

    /// CREATE [UNIQUE] INDEX name ...: its kind and name are told apart. UNIQUE stays.
    std::span<const Token> behind_name(std::vector<Token> const& tokens) {
        std::span<const Token> rest(tokens);
        const auto is_kind = [](const Token& t) {
            return t.is("table") || t.is("index") || t.is("view") || t.is("trigger");
        };
        const auto kind =
            static_cast<std::size_t>(std::find_if(rest.begin(), rest.end(), is_kind) - rest.begin());
        unique_.clear();
        if (kind + 2 > rest.size()) {
            return rest;
        }
        const bool unique = kind > 0 && rest[kind - 1].is("unique");
        rest = rest.subspan(kind + 2);
        if (!unique) {
            return rest;
        }
        unique_.push_back({TokenKind::word, "unique"});
        unique_.insert(unique_.end(), rest.begin(), rest.end());
        return unique_;
    }

    void add_table(const Entry& entry, const std::vector<Token>& tokens) {
        const std::string table = shown_name(entry.name);
        const TableParts parts = parts_of_table(tokens);
        std::vector<std::string> lines;
        std::string columns = "\ncolumns";
        for (const std::span<const Token> item : parts.items) {
            if (is_constraint(item)) {
                lines.push_back(canonical(item, names_));
            } else if (!item.empty()) {
                const std::string column = shown_name(bare_name(item.front()));
                columns += "\n  " + column;
                picture_.push_back({"column", table + "." + column, definition_of(item.subspan(1))});
            }
        }
        std::sort(lines.begin(), lines.end());
        std::string definition = parts.options.empty() ? "table" : "table " + options(parts.options);
        for (const std::string& line : lines) {
            definition += "\n" + line;
        }
        picture_.push_back({"table", table, definition + columns});
    }

    static std::string bare_name(const Token& token) {
        // 'name' is taken for a name where nothing else can stand.
        return token.kind == TokenKind::text && token.text.size() > 1
                   ? token.text.substr(1, token.text.size() - 2)
                   : token.text;
    }

    std::string definition_of(std::span<const Token> tokens) const {
        return tokens.empty() ? "without type" : canonical(tokens, names_);
    }

    /// STRICT, WITHOUT ROWID: their order says nothing.
    std::string options(std::span<const Token> tokens) const {
        std::vector<std::string> words;
        std::size_t begin = 0;
        for (std::size_t i = 0; i <= tokens.size(); ++i) {
            if (i == tokens.size() || tokens[i].is(",")) {
                words.push_back(canonical(tokens.subspan(begin, i - begin), names_));
                begin = i + 1;
            }
        }
        std::sort(words.begin(), words.end());
        std::string text;
        for (const std::string& word : words) {
            text += (text.empty() ? "" : ", ") + word;
        }
        return text;
    }

    static bool is_constraint(std::span<const Token> item) {
        return !item.empty() && item.front().kind == TokenKind::word &&
               std::find(constraint_words.begin(), constraint_words.end(), item.front().text) !=
                   constraint_words.end();
    }

    driver::Connection& connection_;
    Deadline deadline_;
    std::unordered_set<std::string> shadows_;
    std::unordered_set<std::string> virtual_tables_;
    KnownNames names_;
    std::vector<Entry> entries_;
    std::vector<Token> unique_;
    SchemaPicture picture_;
};

}  // namespace

Result<SchemaPicture> picture_of_sqlite(driver::Connection& connection, Deadline deadline) {
    return in_transaction(connection, deadline, [&] { return SqlitePicture(connection, deadline).read(); });
}

}  // namespace majed::migrate
