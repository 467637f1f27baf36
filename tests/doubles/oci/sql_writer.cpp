// SPDX-License-Identifier: Apache-2.0
#include "sql_writer.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "date_time.h"
#include "number_text.h"

namespace majed::oci_double {
namespace {

/// More digits than a double keeps.
constexpr std::size_t safe_digits = 15;
/// Beyond this power of ten SQLite reads a literal with an error in its last place.
constexpr long safe_power = 20;
constexpr std::size_t integer_digits = 18;

struct Replacement {
    std::string_view word;
    std::string_view text;
};

/// Words that are values by themselves.
constexpr auto pseudo_columns = std::to_array<Replacement>({
    {"SYSDATE", "majed_sysdate()"},
    {"CURRENT_DATE", "majed_sysdate()"},
    {"SYSTIMESTAMP", "majed_systimestamp()"},
    {"CURRENT_TIMESTAMP", "majed_systimestamp()"},
    {"LOCALTIMESTAMP", "majed_localtimestamp()"},
    {"USER", "majed_user()"},
    {"ROWID", "majed_rowid(ROWID)"},
    {"MINUS", "EXCEPT"},
    {"UNIQUE", "DISTINCT"},
});

/// Names to Oracle, keywords to SQLite.
constexpr auto sqlite_keywords = std::to_array<std::string_view>(
    {"ABORT", "ATTACH", "AUTOINCREMENT", "CONFLICT", "DETACH", "FAIL", "GLOB", "IGNORE", "INDEXED", "ISNULL",
     "LIMIT", "MATCH", "NOTHING", "NOTNULL", "PRAGMA", "REGEXP", "REINDEX", "TRANSACTION", "VACUUM"});

bool is_sqlite_keyword(const std::string& word) {
    return std::find(sqlite_keywords.begin(), sqlite_keywords.end(), word) != sqlite_keywords.end();
}

std::string_view replacement_of(std::string_view word) {
    for (const Replacement& replacement : pseudo_columns) {
        if (replacement.word == word) {
            return replacement.text;
        }
    }
    return {};
}

/// Whether SQLite reads the literal exactly.
bool is_safe_literal(const std::string& text, const Decimal& decimal) {
    const bool is_integer = text.find_first_not_of("0123456789") == std::string::npos;
    return decimal.digits.size() <= (is_integer ? integer_digits : safe_digits) &&
           (!is_integer || text.size() <= integer_digits) && std::abs(decimal.point) <= safe_power;
}

bool is_fixed_count(const Token& token) {
    return token.kind == TokenKind::number || token.kind == TokenKind::bind;
}

}  // namespace

std::string quoted_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        out += c;
        out += c == '\'' ? "'" : "";
    }
    return out + "'";
}

std::string quoted_name(std::string_view name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        out += c == '"' ? "\"" : "";
    }
    return out + "\"";
}

SqlWriter::SqlWriter(Translation& out, std::string owner) : out_(out), owner_(std::move(owner)) {}

const Token& SqlWriter::at(std::size_t index) const {
    const std::vector<Token>& tokens = out_.scanned.tokens;
    return tokens[std::min(index, tokens.size() - 1)];
}

void SqlWriter::add(std::string_view text, std::size_t token) {
    if (!out_.sql.empty()) {
        out_.sql += ' ';
    }
    out_.origins.emplace_back(out_.sql.size(), at(token).begin);
    out_.sql += text;
}

std::size_t SqlWriter::behind_parenthesis(std::size_t open) const {
    std::size_t depth = 0;
    for (std::size_t index = open; at(index).kind != TokenKind::end; ++index) {
        depth += at(index).is_symbol("(") ? 1U : 0U;
        if (at(index).is_symbol(")") && --depth == 0) {
            return index + 1;
        }
    }
    return out_.scanned.tokens.size() - 1;
}

void SqlWriter::write(std::size_t begin, std::size_t end) {
    std::size_t index = begin;
    while (index < end && at(index).kind != TokenKind::end && !out_.problem) {
        index = write_one(index, end);
    }
}

std::size_t SqlWriter::write_one(std::size_t index, std::size_t end) {
    switch (at(index).kind) {
        case TokenKind::word:
            return write_word(index, end);
        case TokenKind::quoted_name:
            if (at(index).text == owner_ && at(index + 1).is_symbol(".")) {
                return index + 2;
            }
            add(quoted_name(at(index).text), index);
            return index + 1;
        case TokenKind::number:
            write_number(index);
            return index + 1;
        case TokenKind::text:
            // The empty text is NULL.
            add(at(index).text.empty() ? "NULL" : quoted_text(at(index).text), index);
            return index + 1;
        case TokenKind::bind:
            write_bind(index);
            return index + 1;
        case TokenKind::symbol:
            return write_symbol(index, end);
        case TokenKind::end:
            break;
    }
    return index + 1;
}

bool SqlWriter::is_row_limit(std::size_t index) const {
    if (at(index).is("OFFSET")) {
        return is_fixed_count(at(index + 1)) && (at(index + 2).is("ROWS") || at(index + 2).is("ROW"));
    }
    return at(index).is("FETCH") && (at(index + 1).is("FIRST") || at(index + 1).is("NEXT"));
}

/// XMLTABLE('/ROWSET/ROW' PASSING DBMS_XMLGEN.GETXMLTYPE('query') COLUMNS a TYPE PATH 'A', ...): there and back
/// again, so the query itself. It is one of dictionary columns, which SQLite understands as it stands.
std::size_t SqlWriter::write_xml_table(std::size_t index) {
    const std::size_t behind = behind_parenthesis(index + 1);
    for (std::size_t inner = index; inner + 2 < behind; ++inner) {
        if (at(inner).is("GETXMLTYPE") && at(inner + 2).kind == TokenKind::text) {
            add("(" + at(inner + 2).text + ")", index);
            return behind;
        }
    }
    out_.problem = oracle_error(3001, {}, static_cast<int>(at(index).begin));
    return behind;
}

/// JSON_TABLE(x, '$[*]' COLUMNS ("V" VARCHAR2(4000) PATH '$')): the values of an array, in one column.
std::size_t SqlWriter::write_json_table(std::size_t index) {
    const std::size_t behind = behind_parenthesis(index + 1);
    std::size_t comma = index + 2;
    for (int depth = 0; comma < behind && !(depth == 0 && at(comma).is_symbol(",")); ++comma) {
        depth += at(comma).is_symbol("(") ? 1 : 0;
        depth -= at(comma).is_symbol(")") ? 1 : 0;
    }
    const bool array = at(comma + 1).text == "$[*]" && at(comma + 2).is("COLUMNS");
    if (!array) {
        out_.problem = oracle_error(3001, {}, static_cast<int>(at(index).begin));
        return behind;
    }
    add("(SELECT value AS " + quoted_name(at(comma + 4).text) + " FROM json_each(", index);
    write(index + 2, comma);
    add("))", index);
    return behind;
}

/// ROWNUM >= 1, which is always so, at the end of a query in parentheses: nothing moves into that. Other uses are not known.
std::size_t SqlWriter::write_row_number(std::size_t index) {
    if (!at(index + 1).is_symbol(">=") || at(index + 2).text != "1" || !at(index + 3).is_symbol(")")) {
        out_.problem = oracle_error(3001, {}, static_cast<int>(at(index).begin));
    }
    add("1 = 1 LIMIT -1", index);
    return index + 3;
}

std::size_t SqlWriter::write_word(std::size_t index, std::size_t end) {
    const Token& token = at(index);
    const bool is_member = index > 0 && at(index - 1).is_symbol(".");
    const bool is_call = at(index + 1).is_symbol("(");
    if (!is_member && (token.text == owner_ || token.is("SYS")) && at(index + 1).is_symbol(".")) {
        return index + 2;
    }
    if (is_row_limit(index)) {
        return write_row_limit(index);
    }
    if (token.is("CAST") && is_call) {
        return write_cast(index);
    }
    if (token.is("JSON_TABLE") && is_call) {
        return write_json_table(index);
    }
    if (token.is("ROWNUM") && !is_member) {
        return write_row_number(index);
    }
    if (token.is("XMLTABLE") && is_call) {
        return write_xml_table(index);
    }
    if (token.is("EXTRACT") && is_call) {
        return write_extract(index);
    }
    if (at(index + 1).kind == TokenKind::text &&
        (token.is("DATE") || token.is("TIMESTAMP") || token.is("INTERVAL"))) {
        return write_literal(index);
    }
    if (token.is("DBMS_LOB") && at(index + 2).is("GETLENGTH")) {
        add("LENGTH", index);
        return index + 3;
    }
    if (token.is("LIMIT") && (is_fixed_count(at(index + 1)) || at(index + 1).is_symbol("("))) {
        out_.problem = oracle_error(933, {}, static_cast<int>(token.begin));
        return end;
    }
    if (at(index + 1).is_symbol(".") && at(index + 2).is("NEXTVAL")) {
        add("majed_nextval(" + quoted_text(token.text) + ")", index);
        return index + 3;
    }
    if (is_sqlite_keyword(token.text) || (is_member && token.is("DEFERRABLE"))) {
        add(quoted_name(token.text), index);
        return index + 1;
    }
    const std::string_view replaced = replacement_of(token.text);
    if (token.is("ROWID")) {
        // The pseudo column of a named table: T.ROWID.
        if (is_member) {
            const std::size_t dot = out_.sql.rfind('.');
            const std::size_t table = out_.sql.rfind(' ', dot - 2);
            const std::string prefix = out_.sql.substr(table + 1);
            out_.sql.resize(table + 1);
            out_.sql += "majed_rowid(" + prefix + " ROWID)";
        } else {
            add(replaced, index);
        }
        return index + 1;
    }
    const bool replaces = !replaced.empty() && !is_member && !is_call;
    // Only as SELECT UNIQUE does the word mean DISTINCT.
    const bool is_other_unique = token.is("UNIQUE") && !(index > 0 && at(index - 1).is("SELECT"));
    add(replaces && !is_other_unique ? std::string{replaced} : token.text, index);
    return index + 1;
}

std::size_t SqlWriter::write_symbol(std::size_t index, std::size_t end) {
    const Token& token = at(index);
    if (token.is_symbol("/")) {
        // Division is of decimals, and by zero an error.
        const std::size_t behind = std::min(behind_primary(index + 1), end);
        add("* 1.0 / majed_divisor(", index);
        write(index + 1, behind);
        add(")", index);
        return behind;
    }
    if (write_negative_number(index)) {
        return index + 2;
    }
    if (token.is_symbol(";")) {
        out_.problem = oracle_error(933, {}, static_cast<int>(token.begin));
        return end;
    }
    if (token.is_symbol("(") && at(index + 1).is_symbol("+") && at(index + 2).is_symbol(")")) {
        out_.problem = oracle_error(3001, {}, static_cast<int>(token.begin));
        return end;
    }
    add(token.is_symbol("^=") ? "<>" : token.text, index);
    return index + 1;
}

std::size_t SqlWriter::behind_primary(std::size_t index) const {
    index += at(index).is_symbol("-") || at(index).is_symbol("+") ? 1U : 0U;
    if (at(index).is_symbol("(")) {
        return behind_parenthesis(index);
    }
    ++index;
    while (at(index).is_symbol(".")) {
        index += 2;
    }
    return at(index).is_symbol("(") ? behind_parenthesis(index) : index;
}

/// DATE '2024-02-29', TIMESTAMP '...', INTERVAL '1 02:03:04.5' DAY TO SECOND.
std::size_t SqlWriter::write_literal(std::size_t index) {
    const std::string& text = at(index + 1).text;
    const int place = static_cast<int>(at(index + 1).begin);
    if (at(index).is("INTERVAL")) {
        std::vector<Token> type_words{at(index)};
        std::size_t behind = index + 2;
        const bool years = at(behind).is("YEAR");
        const auto interval =
            parse_interval(text, years ? IntervalKind::year_month : IntervalKind::day_second);
        std::size_t type_at = index;
        // The type stands behind the text; written in front it reads as in DDL.
        while (at(behind).is_name() || at(behind).kind == TokenKind::number || at(behind).is_symbol("(") ||
               at(behind).is_symbol(")")) {
            type_words.push_back(at(behind++));
            if (type_words.back().is("MONTH") || type_words.back().is("SECOND")) {
                break;
            }
        }
        type_words.push_back(Token{});
        type_at = 0;
        if (!interval || !take_type(type_words, type_at)) {
            out_.problem = oracle_error(3001, {}, place);
            return index;
        }
        add(quoted_text(
                print_interval(*interval, years ? IntervalKind::year_month : IntervalKind::day_second)),
            index);
        return behind;
    }
    const auto moment = parse_date_time(text);
    if (!moment) {
        out_.problem = oracle_error(1861, {}, place);
        return index;
    }
    const bool has_zone =
        text.find_first_of("+Zz") != std::string::npos || text.find('-', 11) != std::string::npos;
    add(quoted_text(
            print_date_time(*moment, at(index).is("TIMESTAMP") && has_zone ? Zone::kept : Zone::dropped)),
        index);
    return index + 2;
}

/// OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY becomes LIMIT 10 OFFSET 5.
std::size_t SqlWriter::write_row_limit(std::size_t index) {
    std::size_t offset = 0;
    if (at(index).is("OFFSET")) {
        offset = index + 1;
        index += 3;
    }
    std::size_t limit = 0;
    if (at(index).is("FETCH")) {
        limit = is_fixed_count(at(index + 2)) ? index + 2 : 0;
        index += limit != 0 ? 3 : 2;
        if (!at(index).is("ROW") && !at(index).is("ROWS")) {
            out_.problem = oracle_error(905, {}, static_cast<int>(at(index).begin));
            return index;
        }
        if (!at(index + 1).is("ONLY")) {
            out_.problem =
                oracle_error(at(index + 1).is("WITH") ? 3001 : 905, {}, static_cast<int>(at(index).begin));
            return index;
        }
        index += 2;
        add("LIMIT", index);
        if (limit != 0) {
            write_one(limit, limit + 1);
        } else {
            add("1", index);
        }
    } else {
        add("LIMIT -1", index);
    }
    if (offset != 0) {
        add("OFFSET", offset);
        write_one(offset, offset + 1);
    }
    return index;
}

std::size_t SqlWriter::write_cast(std::size_t index) {
    const std::size_t behind = behind_parenthesis(index + 1);
    std::size_t as = behind;
    std::size_t depth = 0;
    for (std::size_t place = index + 1; place < behind; ++place) {
        depth += at(place).is_symbol("(") ? 1U : 0U;
        depth -= at(place).is_symbol(")") ? 1U : 0U;
        as = at(place).is("AS") && depth == 1 ? place : as;
    }
    std::size_t type_at = as + 1;
    const auto type = as == behind ? std::nullopt : take_type(out_.scanned.tokens, type_at);
    if (!type || type_at + 1 != behind) {
        out_.problem = oracle_error(as == behind ? 905 : 902, {}, static_cast<int>(at(as).begin));
        return behind;
    }
    add("majed_cast(", index);
    write(index + 2, as);
    add("," + quoted_text(type->text) + ")", as);
    return behind;
}

std::size_t SqlWriter::write_extract(std::size_t index) {
    const std::size_t behind = behind_parenthesis(index + 1);
    if (!at(index + 3).is("FROM")) {
        out_.problem = oracle_error(907, {}, static_cast<int>(at(index + 3).begin));
        return behind;
    }
    add("majed_extract(" + quoted_text(at(index + 2).text) + ",", index);
    write(index + 4, behind);
    return behind;
}

/// A literal that a double would not keep is written as text, which columns of numbers take.
void SqlWriter::write_number(std::size_t index) {
    const auto decimal = parse_decimal(at(index).text);
    if (!decimal) {
        out_.problem = oracle_error(933, {}, static_cast<int>(at(index).begin));
    } else if (is_safe_literal(at(index).text, *decimal)) {
        add(at(index).text, index);
    } else {
        add(quoted_text(print_decimal(*decimal)), index);
    }
}

/// A sign in front of a number that is written as text belongs into the text.
bool SqlWriter::write_negative_number(std::size_t index) {
    const Token& number = at(index + 1);
    auto decimal = number.kind == TokenKind::number ? parse_decimal(number.text) : std::nullopt;
    if (!at(index).is_symbol("-") || !decimal || is_safe_literal(number.text, *decimal) ||
        is_operand(index)) {
        return false;
    }
    decimal->negative = true;
    add(quoted_text(print_decimal(*decimal)), index);
    return true;
}

/// Whether what stands before `index` is a value, so that a sign there subtracts.
bool SqlWriter::is_operand(std::size_t index) const {
    if (index == 0) {
        return false;
    }
    const Token& before = at(index - 1);
    constexpr auto not_values = std::to_array<std::string_view>(
        {"SELECT", "WHERE", "AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "BETWEEN", "BY", "HAVING", "ON"});
    const bool is_keyword = before.kind == TokenKind::word &&
                            std::find(not_values.begin(), not_values.end(), before.text) != not_values.end();
    return !is_keyword && (before.kind != TokenKind::symbol || before.is_symbol(")"));
}

void SqlWriter::write_bind(std::size_t index) {
    // Numbered by the place in the original: every bind before this one was counted by its occurrence there.
    std::size_t number = 0;
    for (std::size_t place = 0; place <= index; ++place) {
        number += at(place).kind == TokenKind::bind ? 1U : 0U;
    }
    add("?" + std::to_string(number), index);
}

}  // namespace majed::oci_double
