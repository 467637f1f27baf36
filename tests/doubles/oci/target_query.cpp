// SPDX-License-Identifier: Apache-2.0
#include "target_query.h"

#include <algorithm>

#include "sql_writer.h"

namespace majed::oci_double {
namespace {

bool is_alias(const Token& token) {
    return token.is_name() && !token.is("SET") && !token.is("WHERE");
}

class TargetQuery {
public:
    TargetQuery(Translation& out, const std::string& owner, std::size_t open, std::size_t end)
        : out_(out), tokens_(out.scanned.tokens), writer_(out, owner), open_(open), end_(end) {}

    /// UPDATE t x, DELETE FROM t x: the table itself, under another name.
    void run_named() {
        std::size_t index = open_;
        index += tokens_[index + 1].is_symbol(".") ? 2U : 0U;
        table_ = tokens_[index].text;
        alias_ = table_;
        rest_ = index + 1;
        if (is_alias(tokens_[rest_])) {
            alias_ = tokens_[rest_++].text;
        }
        change(out_.kind == StatementKind::update ? "UPDATE " : "DELETE FROM ");
    }

    void run() {
        if (!read_query()) {
            refuse(3001, open_);
            return;
        }
        read_alias();
        if (out_.kind == StatementKind::insert) {
            insert();
        } else {
            change(out_.kind == StatementKind::update ? "UPDATE " : "DELETE FROM ");
        }
        if (checked_ && !out_.problem) {
            write_check();
        }
    }

private:
    void refuse(int code, std::size_t index, std::string_view detail = {}) {
        if (!out_.problem) {
            out_.problem = oracle_error(code, detail, static_cast<int>(tokens_[index].begin));
        }
    }

    std::string table_text() const {
        return (out_.below_views.contains(table_) ? "main." : "") + quoted_name(table_);
    }

    bool read_query() {
        auto query = read_row_query(tokens_, writer_, open_);
        if (!query) {
            return false;
        }
        query_ = *std::move(query);
        table_ = query_.table;
        checked_ = query_.checked && out_.kind != StatementKind::delete_rows;
        return !checked_ || !query_.asks;
    }

    void read_alias() {
        rest_ = query_.behind;
        alias_ = table_;
        const Token& token = tokens_[rest_];
        const bool named = rest_ < end_ && token.is_name() && !token.is("SET") && !token.is("WHERE") &&
                           !token.is("VALUES") && !token.is("SELECT") && !token.is("WITH");
        if (named) {
            alias_ = token.text;
            ++rest_;
        }
    }

    void must_show(std::size_t index) {
        const bool shown = std::find(query_.columns.begin(), query_.columns.end(), tokens_[index].text) !=
                           query_.columns.end();
        if (!query_.columns.empty() && !shown) {
            refuse(904, index, quoted_name(tokens_[index].text));
        }
    }

    void insert() {
        writer_.add("INSERT INTO " + table_text(), open_);
        std::string list;
        const bool listed = tokens_[rest_].is_symbol("(") && !tokens_[rest_ + 1].is("SELECT") &&
                            !tokens_[rest_ + 1].is("WITH");
        if (listed) {
            const std::size_t behind = writer_.behind_parenthesis(rest_);
            for (std::size_t index = rest_ + 1; index < behind; ++index) {
                if (!tokens_[index].is_symbol(",") && !tokens_[index].is_symbol(")")) {
                    continue;
                }
                must_show(index - 1);
                list += (list.empty() ? "" : ", ") + quoted_name(tokens_[index - 1].text);
            }
            rest_ = behind;
        } else {
            for (const std::string& column : query_.columns) {
                list += (list.empty() ? "" : ", ") + quoted_name(column);
            }
        }
        writer_.add("(" + list + ")", open_);
        writer_.write(rest_, end_);
        if (checked_) {
            writer_.add("RETURNING ROWID", open_);
        }
    }

    void change(std::string_view verb) {
        writer_.add(std::string{verb} + table_text() + " AS " + quoted_name(alias_), open_);
        std::size_t where = rest_;
        int depth = 0;
        for (; where < end_ && !(depth == 0 && tokens_[where].is("WHERE")); ++where) {
            depth += tokens_[where].is_symbol("(") ? 1 : 0;
            depth -= tokens_[where].is_symbol(")") ? 1 : 0;
        }
        write_assignments(rest_, where);
        writer_.add("WHERE (", open_);
        where < end_ ? writer_.write(where + 1, end_) : writer_.add("1 = 1", open_);
        if (query_.alias.empty()) {
            writer_.add(")", open_);
            return;
        }
        // The plus keeps SQLite from looking up the rows that the query shows before it tests the rest.
        writer_.add(") AND +" + quoted_name(alias_) + ".ROWID IN (SELECT " + quoted_name(query_.alias) +
                        ".ROWID FROM " + table_text() + " AS " + quoted_name(query_.alias),
                    open_);
        writer_.write(query_.where, query_.where_end);
        writer_.add(")", open_);
        if (checked_) {
            writer_.add("RETURNING ROWID", open_);
        }
    }

    /// SET x.a = 1, (x.b, c) = (SELECT ...): SQLite's columns have no qualifier.
    void write_assignments(std::size_t index, std::size_t end) {
        int depth = 0;
        bool names = false;
        for (; index < end && !out_.problem;) {
            const Token& token = tokens_[index];
            const bool begins = depth == 0 && (token.is("SET") || token.is_symbol(","));
            names = begins || (names && !token.is_symbol("="));
            if (names && token.is_name() && !token.is("SET")) {
                index += tokens_[index + 1].is_symbol(".") ? 2U : 0U;
                must_show(index);
            }
            depth += token.is_symbol("(") ? 1 : 0;
            depth -= token.is_symbol(")") ? 1 : 0;
            // One token of the list of names; of a value, all that belongs together.
            index = writer_.write_one(index, end);
        }
    }

    void write_check() {
        Translation check;
        check.scanned.tokens = tokens_;
        SqlWriter(check, {}).write(query_.where, query_.where_end);
        if (check.problem) {
            out_.problem = check.problem;
            return;
        }
        const std::string rows = "json_each(?" + std::to_string(out_.binds.size() + 1) + ")";
        out_.check = "SELECT COUNT(*) FROM " + rows + " majed_row WHERE NOT EXISTS (SELECT 1 FROM " +
                     table_text() + " AS " + quoted_name(query_.alias) + " " + check.sql +
                     (query_.where < query_.where_end ? " AND " : " WHERE ") + quoted_name(query_.alias) +
                     ".ROWID = majed_row.value)";
    }

    Translation& out_;
    const std::vector<Token>& tokens_;
    SqlWriter writer_;
    const std::size_t open_;
    const std::size_t end_;
    std::size_t rest_ = 0;  ///< What follows the target.
    RowQuery query_;        ///< Empty where the table was named.
    std::string table_;
    std::string alias_;
    bool checked_ = false;
};

}  // namespace

std::optional<RowQuery> read_row_query(const std::vector<Token>& tokens, const SqlWriter& writer,
                                       std::size_t open) {
    if (!tokens[open].is_symbol("(") || !tokens[open + 1].is("SELECT")) {
        return std::nullopt;
    }
    RowQuery query;
    query.behind = writer.behind_parenthesis(open);
    const std::size_t close = query.behind - 1;
    std::size_t index = open + 2;
    for (; index + 1 < close && tokens[index].is_name(); index += 2) {
        query.columns.push_back(tokens[index].text);
        if (!tokens[index + 1].is_symbol(",")) {
            break;
        }
    }
    if (query.columns.empty() || !read_rows(tokens, index + 1, query)) {
        return std::nullopt;
    }
    return query;
}

bool read_rows(const std::vector<Token>& tokens, std::size_t from, RowQuery& query) {
    if (!tokens[from].is("FROM")) {
        return false;
    }
    const std::size_t close = query.behind - 1;
    std::size_t index = from + 1;
    index += tokens[index + 1].is_symbol(".") ? 2U : 0U;
    query.table = tokens[index].text;
    query.alias = query.table;
    ++index;
    if (index < close && tokens[index].is_name() && !tokens[index].is("WHERE") && !tokens[index].is("WITH")) {
        query.alias = tokens[index++].text;
    }
    query.where_end = close;
    if (close >= 3 && tokens[close - 1].is("OPTION") && tokens[close - 2].is("CHECK")) {
        query.checked = true;
        query.where_end = close - 3;
    }
    query.where = index;
    if (query.where < query.where_end && !tokens[query.where].is("WHERE")) {
        return false;
    }
    query.asks = std::any_of(tokens.begin() + static_cast<std::ptrdiff_t>(query.where),
                             tokens.begin() + static_cast<std::ptrdiff_t>(query.where_end),
                             [](const Token& token) { return token.is("SELECT"); });
    return true;
}

std::size_t target_query_of(const Translation& translation) {
    const std::vector<Token>& tokens = translation.scanned.tokens;
    const bool changes = translation.kind == StatementKind::insert ||
                         translation.kind == StatementKind::update ||
                         translation.kind == StatementKind::delete_rows;
    if (!changes || tokens.size() < 4) {
        return 0;
    }
    const std::size_t open = tokens[1].is("INTO") || tokens[1].is("FROM") ? 2 : 1;
    return tokens[open].is_symbol("(") && tokens[open + 1].is("SELECT") ? open : 0;
}

void write_on_target_query(Translation& out, const std::string& owner, std::size_t open, std::size_t end) {
    TargetQuery(out, owner, open, end).run();
}

std::size_t aliased_target_of(const Translation& translation) {
    const std::vector<Token>& tokens = translation.scanned.tokens;
    const bool deletes = translation.kind == StatementKind::delete_rows;
    if ((!deletes && translation.kind != StatementKind::update) || tokens.size() < 4) {
        return 0;
    }
    const bool bare = deletes && !tokens[1].is("FROM");
    const std::size_t name = tokens[1].is("FROM") ? 2 : 1;
    const std::size_t behind = name + (tokens[name + 1].is_symbol(".") ? 3U : 1U);
    const bool named = tokens[name].is_name() && behind < tokens.size();
    return named && (bare || is_alias(tokens[behind])) ? name : 0;
}

void write_on_aliased_target(Translation& out, const std::string& owner, std::size_t name, std::size_t end) {
    TargetQuery(out, owner, name, end).run_named();
}

}  // namespace majed::oci_double
