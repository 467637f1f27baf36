// SPDX-License-Identifier: Apache-2.0
#include "sql_translation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "access_policies.h"
#include "ddl_translation.h"
#include "merge_query.h"
#include "sql_writer.h"
#include "target_query.h"

namespace majed::oci_double {
namespace {

using Tokens = std::vector<Token>;

struct KindOfWord {
    std::string_view word;
    StatementKind kind;
    Action action;
};

constexpr auto statement_words = std::to_array<KindOfWord>({
    {"SELECT", StatementKind::select, Action::run},
    {"WITH", StatementKind::select, Action::run},
    {"INSERT", StatementKind::insert, Action::run},
    {"UPDATE", StatementKind::update, Action::run},
    {"DELETE", StatementKind::delete_rows, Action::run},
    {"MERGE", StatementKind::merge, Action::run},
    {"EXPLAIN", StatementKind::explain_plan, Action::run},
    {"CREATE", StatementKind::create, Action::define},
    {"DROP", StatementKind::drop, Action::define},
    {"ALTER", StatementKind::alter, Action::define},
    {"TRUNCATE", StatementKind::unknown, Action::define},
    {"COMMENT", StatementKind::unknown, Action::define},
    {"GRANT", StatementKind::unknown, Action::define},
    {"REVOKE", StatementKind::unknown, Action::define},
    {"BEGIN", StatementKind::begin, Action::block},
    {"DECLARE", StatementKind::declare, Action::block},
    {"CALL", StatementKind::call, Action::block},
    {"COMMIT", StatementKind::commit, Action::commit},
    {"ROLLBACK", StatementKind::rollback, Action::rollback},
    {"SAVEPOINT", StatementKind::unknown, Action::savepoint},
    {"SET", StatementKind::unknown, Action::accept},
    {"LOCK", StatementKind::unknown, Action::lock_table},
});

struct TypeOfWord {
    std::string_view word;
    std::string_view type;
};

/// What a function or a value by itself gives.
constexpr auto result_types = std::to_array<TypeOfWord>({
    {"SYSDATE", "DATE"},
    {"CURRENT_DATE", "DATE"},
    {"TO_DATE", "DATE"},
    {"SYSTIMESTAMP", "TIMESTAMP(6) WITH TIME ZONE"},
    {"CURRENT_TIMESTAMP", "TIMESTAMP(6) WITH TIME ZONE"},
    {"TO_TIMESTAMP_TZ", "TIMESTAMP(9) WITH TIME ZONE"},
    {"TO_TIMESTAMP", "TIMESTAMP(9)"},
    {"LOCALTIMESTAMP", "TIMESTAMP(6)"},
    {"TO_CLOB", "CLOB"},
    {"EMPTY_CLOB", "CLOB"},
    {"TO_BLOB", "BLOB"},
    {"EMPTY_BLOB", "BLOB"},
    {"HEXTORAW", "RAW(2000)"},
    {"SYS_GUID", "RAW(16)"},
    {"TO_BINARY_DOUBLE", "BINARY_DOUBLE"},
    {"TO_BINARY_FLOAT", "BINARY_FLOAT"},
    {"TO_NUMBER", "NUMBER"},
    {"COUNT", "NUMBER"},
    {"SUM", "NUMBER"},
    {"AVG", "NUMBER"},
    {"LENGTH", "NUMBER"},
    {"INSTR", "NUMBER"},
    {"MOD", "NUMBER"},
    {"ABS", "NUMBER"},
    {"TO_CHAR", "VARCHAR2(4000)"},
    {"SYS_CONTEXT", "VARCHAR2(256)"},
    {"USER", "VARCHAR2(128)"},
    {"RAWTOHEX", "VARCHAR2(4000)"},
    {"UPPER", "VARCHAR2(4000)"},
    {"LOWER", "VARCHAR2(4000)"},
    {"SUBSTR", "VARCHAR2(4000)"},
    {"ROWIDTOCHAR", "VARCHAR2(18)"},
    {"ROWID", "ROWID"},
});

/// Words that end a FROM clause at their depth.
bool ends_from(const Token& token) {
    constexpr auto words = std::to_array<std::string_view>({"WHERE", "GROUP", "HAVING", "ORDER", "UNION",
                                                            "INTERSECT", "MINUS", "FETCH", "FOR", "CONNECT",
                                                            "START", "SET", "SELECT", "VALUES", "RETURNING"});
    return token.kind == TokenKind::word && std::find(words.begin(), words.end(), token.text) != words.end();
}

bool is_set_operator(const Token& token) {
    return token.is("UNION") || token.is("INTERSECT") || token.is("MINUS");
}

class Translator {
public:
    Translator(Translation& out, const std::string& owner)
        : out_(out), owner_(owner), tokens_(out.scanned.tokens), end_(tokens_.size() - 1) {}

    void run() {
        collect_binds();
        collect_tables();
        switch (out_.action) {
            case Action::run:
                translate_data();
                break;
            case Action::define:
                translate_definition(out_, owner_);
                break;
            case Action::accept:
                translate_setting();
                break;
            case Action::rollback:
                translate_rollback();
                break;
            case Action::savepoint:
                out_.argument = tokens_[std::min<std::size_t>(1, end_)].text;
                break;
            case Action::lock_table:
                translate_lock();
                break;
            case Action::commit:
            case Action::rollback_to:
            case Action::set_read_only:
            case Action::set_serializable:
            case Action::alter_session:
            case Action::kill_session:
            case Action::block:
            case Action::access_policies:
                break;
        }
    }

private:
    void collect_binds() {
        for (const Token& token : tokens_) {
            if (token.kind == TokenKind::bind) {
                out_.binds.push_back(token.text);
            }
        }
    }

    void collect_tables() {
        for (std::size_t index = 0; index < end_; ++index) {
            const Token& token = tokens_[index];
            if ((token.is("FROM") || token.is("JOIN") || token.is("INTO") || token.is("UPDATE")) &&
                tokens_[index + 1].is_name()) {
                const bool qualified = index + 3 < end_ && tokens_[index + 2].is_symbol(".");
                out_.tables.push_back(tokens_[index + (qualified ? 3 : 1)].text);
            }
        }
    }

    void translate_data() {
        if (out_.kind == StatementKind::explain_plan) {
            out_.problem = oracle_error(3001);
            return;
        }
        std::size_t end = end_;
        end = without_row_lock(end);
        const std::size_t into = find_returning(end);
        check_select_lists(end);
        check_table_aliases(end);
        check_rows_of_values(end);
        if (out_.problem) {
            return;
        }
        if (out_.kind == StatementKind::select) {
            read_select_list(end);
        }
        if (out_.kind == StatementKind::merge) {
            write_merge(out_, owner_, end);
            return;
        }
        if (const std::size_t target = target_query_of(out_); target != 0) {
            into == end ? write_on_target_query(out_, owner_, target, end) : fail_at(3001, into);
            return;
        }
        if (const std::size_t name = aliased_target_of(out_); name != 0 && into == end) {
            write_on_aliased_target(out_, owner_, name, end);
            return;
        }
        SqlWriter writer(out_, owner_);
        const std::size_t target = named_target();
        writer.write(0, target);
        if (target != 0) {
            writer.add("main.", target);
        }
        const std::size_t alias = alias_of_inserted();
        writer.write(target, alias);
        if (alias != target) {
            writer.add("AS", alias);
        }
        writer.write(alias, into);
    }

    /// The name of the table that is changed; 0: this is no change.
    [[nodiscard]] std::size_t changed_name() const {
        const std::size_t name = out_.kind == StatementKind::insert        ? 2
                                 : out_.kind == StatementKind::update      ? 1
                                 : out_.kind == StatementKind::delete_rows ? 2
                                                                           : 0;
        if (name == 0 || name >= end_) {
            return 0;
        }
        return name + (tokens_[name + 1].is_symbol(".") ? 2U : 0U);
    }

    /// When it lies below a view; else 0.
    [[nodiscard]] std::size_t named_target() const {
        const std::size_t name = changed_name();
        return name != 0 && out_.below_views.contains(tokens_[name].text) ? name : 0;
    }

    /// INSERT INTO t x: SQLite wants AS before it. Without one, where the target is.
    [[nodiscard]] std::size_t alias_of_inserted() const {
        const std::size_t alias = changed_name() + 1;
        const bool named = out_.kind == StatementKind::insert && alias > 1 && alias < end_ &&
                           tokens_[alias].is_name() && !tokens_[alias].is("VALUES") &&
                           !tokens_[alias].is("SELECT") && !tokens_[alias].is("WITH");
        return named ? alias : named_target();
    }

    void fail_at(int code, std::size_t index) {
        out_.problem = oracle_error(code, {}, static_cast<int>(tokens_[index].begin));
    }

    /// FOR UPDATE [OF ...] [NOWAIT | WAIT n | SKIP LOCKED] at the end of a query.
    std::size_t without_row_lock(std::size_t end) {
        std::size_t depth = 0;
        for (std::size_t index = 0; index + 1 < end; ++index) {
            depth += tokens_[index].is_symbol("(") ? 1U : 0U;
            depth -= tokens_[index].is_symbol(")") ? 1U : 0U;
            if (depth != 0 || !tokens_[index].is("FOR") || !tokens_[index + 1].is("UPDATE")) {
                continue;
            }
            out_.locks_rows = true;
            for (std::size_t word = index + 2; word < end; ++word) {
                out_.is_impatient |= tokens_[word].is("NOWAIT") || tokens_[word].is("SKIP");
            }
            return index;
        }
        return end;
    }

    /// RETURNING a, b INTO :x, :y: answers where INTO stands, behind which only binds are.
    std::size_t find_returning(std::size_t end) {
        if (out_.kind == StatementKind::select) {
            return end;
        }
        std::size_t returning = end;
        for (std::size_t index = 0; index < end; ++index) {
            if (tokens_[index].is("RETURNING") || tokens_[index].is("RETURN")) {
                returning = index;
            }
            if (returning != end && tokens_[index].is("INTO")) {
                for (std::size_t bind = index; bind < end; ++bind) {
                    out_.returning += tokens_[bind].kind == TokenKind::bind ? 1U : 0U;
                }
                return index;
            }
        }
        if (returning != end) {
            out_.problem = oracle_error(925, {}, static_cast<int>(tokens_[end].begin));
        }
        return end;
    }

    /// Every SELECT of this server's version has its FROM.
    void check_select_lists(std::size_t end) {
        for (std::size_t select = 0; select < end; ++select) {
            if (!tokens_[select].is("SELECT")) {
                continue;
            }
            bool found = false;
            int depth = 0;
            std::size_t index = select + 1;
            for (; index < end && depth >= 0 && !found; ++index) {
                depth += tokens_[index].is_symbol("(") ? 1 : 0;
                depth -= tokens_[index].is_symbol(")") ? 1 : 0;
                found = depth == 0 && tokens_[index].is("FROM");
                if (depth == 0 && is_set_operator(tokens_[index])) {
                    break;
                }
            }
            if (!found) {
                const bool empty = select + 1 >= end;
                out_.problem = oracle_error(empty ? 936 : 923, {}, static_cast<int>(tokens_[index].begin));
                return;
            }
        }
    }

    /// FROM people AS p: the word is not allowed there.
    void check_table_aliases(std::size_t end) {
        for (std::size_t from = 0; from < end; ++from) {
            if (!tokens_[from].is("FROM") && !tokens_[from].is("JOIN")) {
                continue;
            }
            int depth = 0;
            for (std::size_t index = from + 1; index < end && depth >= 0; ++index) {
                depth += tokens_[index].is_symbol("(") ? 1 : 0;
                depth -= tokens_[index].is_symbol(")") ? 1 : 0;
                if (depth == 0 && ends_from(tokens_[index])) {
                    break;
                }
                if (depth == 0 && tokens_[index].is("AS")) {
                    out_.problem = oracle_error(933, {}, static_cast<int>(tokens_[index].begin));
                    return;
                }
            }
        }
    }

    /// VALUES (1), (2) came with a later version.
    void check_rows_of_values(std::size_t end) {
        for (std::size_t index = 0; index + 1 < end; ++index) {
            if (!tokens_[index].is("VALUES") || !tokens_[index + 1].is_symbol("(")) {
                continue;
            }
            const std::size_t behind = SqlWriter(out_, owner_).behind_parenthesis(index + 1);
            if (behind < end && tokens_[behind].is_symbol(",")) {
                out_.problem = oracle_error(933, {}, static_cast<int>(tokens_[behind].begin));
            }
        }
    }

    void read_select_list(std::size_t end) {
        std::size_t index = 0;
        int depth = 0;
        while (index < end && !(depth == 0 && tokens_[index].is("SELECT"))) {
            depth += tokens_[index].is_symbol("(") ? 1 : 0;
            depth -= tokens_[index].is_symbol(")") ? 1 : 0;
            ++index;
        }
        ++index;
        if (index < end &&
            (tokens_[index].is("DISTINCT") || tokens_[index].is("ALL") || tokens_[index].is("UNIQUE"))) {
            ++index;
        }
        std::size_t begin = index;
        for (; index < end; ++index) {
            depth += tokens_[index].is_symbol("(") ? 1 : 0;
            depth -= tokens_[index].is_symbol(")") ? 1 : 0;
            if (depth == 0 && (tokens_[index].is_symbol(",") || tokens_[index].is("FROM"))) {
                out_.items.push_back(read_item(begin, index));
                begin = index + 1;
            }
            if (depth == 0 && tokens_[index].is("FROM")) {
                return;
            }
        }
    }

    SelectItem read_item(std::size_t begin, std::size_t end) const {
        SelectItem item;
        if (begin >= end) {
            return item;
        }
        item.is_star =
            tokens_[end - 1].is_symbol("*") && (end - begin == 1 || tokens_[end - 2].is_symbol("."));
        const Token& last = tokens_[end - 1];
        if (end - begin >= 2 && last.is_name() && !last.is("END")) {
            const Token& before = tokens_[end - 2];
            item.has_alias = before.kind != TokenKind::symbol || before.is_symbol(")");
        }
        std::size_t expression_end = end - (item.has_alias ? 1 : 0);
        if (item.has_alias && tokens_[expression_end - 1].is("AS")) {
            --expression_end;
        }
        for (std::size_t index = begin; index < expression_end; ++index) {
            const Token& token = tokens_[index];
            item.name += token.kind == TokenKind::text   ? upper(quoted_text(token.text))
                         : token.kind == TokenKind::bind ? ":" + token.text
                                                         : token.text;
        }
        item.type = type_of_expression(begin, expression_end);
        return item;
    }

    std::optional<ColumnType> type_of_expression(std::size_t begin, std::size_t end) const {
        if (begin >= end) {
            return std::nullopt;
        }
        const Token& first = tokens_[begin];
        if (end - begin == 1) {
            if (first.kind == TokenKind::number) {
                return number_type();
            }
            if (first.kind == TokenKind::text && !first.text.empty()) {
                return parse_type("CHAR(" + std::to_string(first.text.size()) + ")");
            }
            return first.kind == TokenKind::word ? type_of_word(first.text) : std::nullopt;
        }
        if (end - begin == 3 && tokens_[end - 1].is("ROWID") && tokens_[begin + 1].is_symbol(".")) {
            return parse_type("ROWID");
        }
        if (tokens_[begin + 1].kind == TokenKind::text) {
            return type_of_literal(begin, end);
        }
        Translation unused;
        unused.scanned.tokens = tokens_;
        if (!tokens_[begin + 1].is_symbol("(") ||
            SqlWriter(unused, {}).behind_parenthesis(begin + 1) != end) {
            return std::nullopt;
        }
        if (first.is("CAST")) {
            std::size_t as = end - 1;
            while (as > begin && !tokens_[as].is("AS")) {
                --as;
            }
            ++as;
            return take_type(tokens_, as);
        }
        return type_of_word(first.text);
    }

    std::optional<ColumnType> type_of_literal(std::size_t begin, std::size_t end) const {
        const Token& first = tokens_[begin];
        const std::string& text = tokens_[begin + 1].text;
        if (first.is("DATE")) {
            return parse_type("DATE");
        }
        if (first.is("TIMESTAMP")) {
            const bool zone = text.find('+') != std::string::npos || text.find('-', 11) != std::string::npos;
            return parse_type(zone ? "TIMESTAMP(9) WITH TIME ZONE" : "TIMESTAMP(9)");
        }
        if (first.is("INTERVAL")) {
            const bool years = end > begin + 2 && tokens_[begin + 2].is("YEAR");
            return parse_type(years ? "INTERVAL YEAR(2) TO MONTH" : "INTERVAL DAY(2) TO SECOND(6)");
        }
        return std::nullopt;
    }

    static std::optional<ColumnType> type_of_word(std::string_view word) {
        for (const TypeOfWord& entry : result_types) {
            if (entry.word == word) {
                return parse_type(entry.type);
            }
        }
        return std::nullopt;
    }

    void translate_setting() {
        if (!tokens_[0].is("SET")) {
            return;
        }
        const std::string text = normalised(tokens_);
        if (text == "SET TRANSACTION READ ONLY") {
            out_.action = Action::set_read_only;
        } else if (text == "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE") {
            out_.action = Action::set_serializable;
        } else if (!text.starts_with("SET TRANSACTION ") && !text.starts_with("SET ROLE ") &&
                   !text.starts_with("SET CONSTRAINT")) {
            out_.problem = oracle_error(922, "missing or invalid option", 4);
        }
    }

    void translate_rollback() {
        std::size_t index = 1;
        index += tokens_[std::min(index, end_)].is("WORK") ? 1U : 0U;
        if (index < end_ && tokens_[index].is("TO")) {
            ++index;
            index += tokens_[std::min(index, end_)].is("SAVEPOINT") ? 1U : 0U;
            out_.action = Action::rollback_to;
            out_.argument = tokens_[std::min(index, end_)].text;
        }
    }

    /// LOCK TABLE [owner.]name IN ... MODE [NOWAIT | WAIT n]
    void translate_lock() {
        std::size_t index = 2;
        index += tokens_[std::min(index + 1, end_)].is_symbol(".") ? 2U : 0U;
        if (!tokens_[1].is("TABLE") || index >= end_ || !tokens_[index].is_name()) {
            out_.problem = oracle_error(903, {}, static_cast<int>(tokens_[std::min(index, end_)].begin));
            return;
        }
        out_.argument = tokens_[index].text;
        bool has_mode = false;
        for (++index; index < end_; ++index) {
            has_mode |= tokens_[index].is("MODE");
            out_.is_impatient |= tokens_[index].is("NOWAIT");
        }
        if (!has_mode) {
            out_.problem = oracle_error(905, {}, static_cast<int>(tokens_[end_].begin));
        }
    }

    Translation& out_;
    const std::string& owner_;
    const Tokens& tokens_;
    const std::size_t end_;
};

}  // namespace

Translation translate(std::string_view sql, const std::string& owner, std::set<std::string> below_views) {
    Translation out;
    out.below_views = std::move(below_views);
    out.scanned = scan_sql(sql);
    std::size_t first = 0;
    while (out.scanned.tokens[first].is_symbol("(")) {
        ++first;
    }
    bool known = false;
    for (const KindOfWord& entry : statement_words) {
        if (out.scanned.tokens[first].is(entry.word)) {
            out.kind = entry.kind;
            out.action = entry.action;
            known = true;
        }
    }
    if (out.scanned.problem) {
        out.problem = out.scanned.problem;
    } else if (!known) {
        out.problem = oracle_error(900, {}, static_cast<int>(out.scanned.tokens[first].begin));
    } else if (defines_access_policies(out.scanned.tokens)) {
        out.action = Action::access_policies;
    } else {
        Translator(out, owner).run();
    }
    return out;
}

int original_offset(const Translation& translation, int offset) {
    std::size_t original = 0;
    for (const auto& [translated, source] : translation.origins) {
        if (offset < 0 || translated > static_cast<std::size_t>(offset)) {
            break;
        }
        original = source;
    }
    return static_cast<int>(original);
}

}  // namespace majed::oci_double
