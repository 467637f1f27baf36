// SPDX-License-Identifier: Apache-2.0
#include "merge_query.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "sql_writer.h"
#include "target_query.h"

namespace majed::oci_double {
namespace {

/// Tokens [begin, end).
struct Range {
    std::size_t begin = 0;
    std::size_t end = 0;
    [[nodiscard]] bool empty() const { return begin == end; }
};

struct Value {
    std::string column;
    Range range;
};

/// What MERGE says, by its tokens.
struct Merge {
    RowQuery target;  ///< `where` is where nothing stands when the table was named.
    bool by_query = false;
    std::string alias;
    Range used;
    std::optional<RowQuery> used_query;  ///< That Oracle may take apart; of `used_list`.
    Range used_list;
    std::string used_alias;
    Range on;
    bool updates = false;
    std::vector<Value> set;
    Range update_where;
    Range delete_where;
    bool inserts = false;
    std::vector<Value> values;
    bool listed = false;  ///< Their columns are.
    Range insert_where;
};

class MergeReader {
public:
    MergeReader(Translation& out, const std::string& owner, std::size_t end)
        : out_(out), tokens_(out.scanned.tokens), writer_(out, owner), end_(end) {}

    std::optional<Merge> read() {
        at_ = 1;
        const bool whole = accept("INTO") && target() && accept("USING") && source() && accept("ON") &&
                           parentheses(merge_.on) && branches() && at_ == end_;
        if (!whole && !out_.problem) {
            refuse(3001);
        }
        return out_.problem ? std::nullopt : std::optional<Merge>(std::move(merge_));
    }

private:
    void refuse(int code, std::string_view detail = {}) {
        out_.problem =
            oracle_error(code, detail, static_cast<int>(tokens_[std::min(at_, tokens_.size() - 1)].begin));
    }

    bool accept(std::string_view word) {
        const bool found = at_ < end_ && tokens_[at_].is(word);
        at_ += found ? 1U : 0U;
        return found;
    }

    /// (...), of which the inside is kept.
    bool parentheses(Range& inside) {
        if (!tokens_[at_].is_symbol("(")) {
            return false;
        }
        const std::size_t behind = writer_.behind_parenthesis(at_);
        inside = {at_ + 1, behind - 1};
        at_ = behind;
        return true;
    }

    std::string table_name() {
        at_ += tokens_[at_ + 1].is_symbol(".") ? 2U : 0U;
        return tokens_[at_++].text;
    }

    std::string alias_before(std::string_view word, const std::string& otherwise) {
        const bool named = tokens_[at_].is_name() && !tokens_[at_].is(word);
        return named ? tokens_[at_++].text : otherwise;
    }

    bool target() {
        merge_.by_query = tokens_[at_].is_symbol("(");
        if (merge_.by_query) {
            auto query = read_row_query(tokens_, writer_, at_);
            if (!query || (query->checked && query->asks)) {
                return false;
            }
            merge_.target = *std::move(query);
            at_ = merge_.target.behind;
        } else {
            merge_.target.table = merge_.target.alias = table_name();
        }
        merge_.alias = alias_before("USING", merge_.target.table);
        return true;
    }

    bool source() {
        merge_.used.begin = at_;
        if (tokens_[at_].is_symbol("(")) {
            read_used_query();
            at_ = writer_.behind_parenthesis(at_);
            merge_.used.end = at_;
            merge_.used_alias = alias_before("ON", "MAJED_NAMELESS");
            return true;
        }
        const std::string table = table_name();
        merge_.used.end = at_;
        merge_.used_alias = alias_before("ON", table);
        return true;
    }

    /// (SELECT anything FROM table WHERE ...), and no more of it than rows of the table one by one.
    void read_used_query() {
        RowQuery query;
        query.behind = writer_.behind_parenthesis(at_);
        std::size_t from = at_ + 2;
        for (int depth = 0; from < query.behind && (depth != 0 || !tokens_[from].is("FROM")); ++from) {
            depth += tokens_[from].is_symbol("(") ? 1 : 0;
            depth -= tokens_[from].is_symbol(")") ? 1 : 0;
        }
        if (!tokens_[at_ + 1].is("SELECT") || !read_rows(tokens_, from, query) ||
            is_held_together(at_ + 2, query.where_end)) {
            return;
        }
        merge_.used_list = {at_ + 2, from};
        merge_.used_query = std::move(query);
    }

    [[nodiscard]] bool is_held_together(std::size_t begin, std::size_t end) const {
        constexpr auto words = std::to_array<std::string_view>(
            {"GROUP",  "HAVING",  "ORDER", "UNION",  "INTERSECT", "MINUS",  "FETCH",
             "OFFSET", "CONNECT", "START", "ROWNUM", "DISTINCT",  "UNIQUE", "OVER",
             "COUNT",  "SUM",     "MIN",   "MAX",    "AVG",       "LISTAGG"});
        return std::any_of(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                           tokens_.begin() + static_cast<std::ptrdiff_t>(end), [&words](const Token& token) {
                               return token.kind == TokenKind::word &&
                                      std::find(words.begin(), words.end(), token.text) != words.end();
                           });
    }

    bool branches() {
        while (accept("WHEN")) {
            const bool matched = !accept("NOT");
            if (!accept("MATCHED") || !accept("THEN") || !(matched ? update() : insert())) {
                return false;
            }
        }
        return merge_.updates || merge_.inserts;
    }

    [[nodiscard]] bool begins_branch(std::size_t index) const {
        return tokens_[index].is("WHEN") &&
               (tokens_[index + 1].is("MATCHED") ||
                (tokens_[index + 1].is("NOT") && tokens_[index + 2].is("MATCHED")));
    }

    /// Up to a comma, WHERE, DELETE WHERE or the next branch.
    Range expression() {
        const std::size_t begin = at_;
        int depth = 0;
        for (; at_ < end_; ++at_) {
            const Token& token = tokens_[at_];
            const bool ends =
                token.is_symbol(",") || token.is("WHERE") || token.is("DELETE") || begins_branch(at_);
            if (depth == 0 && ends) {
                break;
            }
            depth += token.is_symbol("(") ? 1 : 0;
            depth -= token.is_symbol(")") ? 1 : 0;
        }
        return {begin, at_};
    }

    bool update() {
        merge_.updates = true;
        if (!accept("UPDATE") || !accept("SET")) {
            return false;
        }
        do {
            Value value;
            if (!column(value.column) || !accept_symbol("=") || stands_in_on(value.column)) {
                return false;
            }
            value.range = expression();
            merge_.set.push_back(std::move(value));
        } while (accept_symbol(","));
        if (accept("WHERE")) {
            merge_.update_where = expression();
        }
        if (accept("DELETE")) {
            if (!accept("WHERE")) {
                return false;
            }
            merge_.delete_where = expression();
        }
        return true;
    }

    bool accept_symbol(std::string_view symbol) {
        const bool found = tokens_[at_].is_symbol(symbol);
        at_ += found ? 1U : 0U;
        return found;
    }

    /// [target.]name, which the target shows.
    bool column(std::string& name) {
        at_ += tokens_[at_ + 1].is_symbol(".") ? 2U : 0U;
        if (!tokens_[at_].is_name()) {
            return false;
        }
        name = tokens_[at_].text;
        const auto& shown = merge_.target.columns;
        if (merge_.by_query && std::find(shown.begin(), shown.end(), name) == shown.end()) {
            refuse(904, quoted_name(name));
            return false;
        }
        ++at_;
        return true;
    }

    /// Alone, or behind the target's name; alone in a query it is one of that.
    bool stands_in_on(const std::string& column) {
        std::size_t query_end = 0;
        for (std::size_t index = merge_.on.begin; index < merge_.on.end; ++index) {
            if (index >= query_end && tokens_[index].is_symbol("(") && tokens_[index + 1].is("SELECT")) {
                query_end = writer_.behind_parenthesis(index);
            }
            const bool alone = !tokens_[index - 1].is_symbol(".");
            const bool of_target = alone ? index >= query_end : tokens_[index - 2].text == merge_.alias;
            if (tokens_[index].is_name() && tokens_[index].text == column && of_target) {
                refuse(38104, quoted_name(column));
                return true;
            }
        }
        return false;
    }

    bool insert() {
        merge_.inserts = true;
        if (!accept("INSERT")) {
            return false;
        }
        merge_.listed = tokens_[at_].is_symbol("(");
        std::vector<std::string> columns = merge_.target.columns;
        if (merge_.listed) {
            columns.clear();
            ++at_;
            do {
                if (!column(columns.emplace_back())) {
                    return false;
                }
            } while (accept_symbol(","));
            if (!accept_symbol(")")) {
                return false;
            }
        }
        if (!accept("VALUES") || !accept_symbol("(")) {
            return false;
        }
        return inserted_values(columns);
    }

    bool inserted_values(const std::vector<std::string>& columns) {
        const std::size_t behind = writer_.behind_parenthesis(at_ - 1);
        const std::size_t end = std::exchange(end_, behind - 1);
        do {
            const std::size_t place = merge_.values.size();
            merge_.values.push_back({place < columns.size() ? columns[place] : "", expression()});
        } while (accept_symbol(","));
        end_ = end;
        at_ = behind;
        const bool counted = merge_.listed || merge_.by_query;
        if (counted && merge_.values.size() != columns.size()) {
            refuse(merge_.values.size() < columns.size() ? 947 : 913);
            return false;
        }
        if (accept("WHERE")) {
            merge_.insert_where = expression();
        }
        return true;
    }

    Translation& out_;
    const std::vector<Token>& tokens_;
    SqlWriter writer_;
    std::size_t end_;
    std::size_t at_ = 0;
    Merge merge_;
};

class MergeWriter {
public:
    MergeWriter(Translation& out, std::string owner, const Merge& merge)
        : out_(out), owner_(std::move(owner)), merge_(merge), table_(table_text(merge.target.table)) {}

    void write() {
        for (const char* const table : {"majed_used", "majed_pairs", "majed_new", "majed_last"}) {
            step("DROP TABLE IF EXISTS temp." + std::string{table});
        }
        use();
        pair();
        if (merge_.inserts) {
            compute_inserted();
        }
        if (merge_.updates) {
            update();
        }
        if (merge_.inserts) {
            insert();
        }
    }

private:
    void step(std::string sql) { out_.steps.push_back({.sql = std::move(sql)}); }
    void counting_step(std::string sql) { out_.steps.push_back({.sql = std::move(sql), .counts = true}); }
    void must_find_none(std::string sql, int code) {
        out_.steps.push_back({.sql = std::move(sql), .code_when_found = code});
    }

    std::string text(Range range) {
        Translation part;
        part.scanned.tokens = out_.scanned.tokens;
        SqlWriter(part, owner_).write(range.begin, range.end);
        if (part.problem && !out_.problem) {
            out_.problem = part.problem;
        }
        return part.sql;
    }

    std::string condition(Range range) { return range.empty() ? "(1 = 1)" : "(" + text(range) + ")"; }

    /// The table itself, below the view that a policy for reading puts before it.
    [[nodiscard]] std::string table_text(const std::string& table) const {
        return (out_.below_views.contains(table) ? "main." : "") + quoted_name(table);
    }

    /// The rows that a query shows: IN (...).
    std::string rows_of(const RowQuery& query) {
        const std::string alias = quoted_name(query.alias);
        return "(SELECT " + alias + ".ROWID FROM " + table_text(query.table) + " AS " + alias + " " +
               text({query.where, query.where_end}) + ")";
    }

    static std::string columns_of(const RowQuery& query) {
        std::string list;
        for (const std::string& column : query.columns) {
            list += quoted_name(column) + ", ";
        }
        return list.empty() ? "*, " : list;
    }

    /// All rows of the target's table, under the statement's name for it.
    [[nodiscard]] std::string target() const {
        return "(SELECT " + columns_of(merge_.target) + "ROWID AS majed_row FROM " + table_ + ") AS " +
               quoted_name(merge_.alias);
    }

    [[nodiscard]] std::string used() const { return "temp.majed_used AS " + quoted_name(merge_.used_alias); }

    void use() {
        if (merge_.used_query) {
            const RowQuery& query = *merge_.used_query;
            const std::string alias = quoted_name(query.alias);
            if (out_.below_views.contains(
                    query.table)) {  // A view's rows have no identity: it shows what it shows.
                step("CREATE TEMP TABLE majed_used AS SELECT " + text(merge_.used_list) +
                     ", 1 AS majed_shown FROM " + quoted_name(query.table) + " AS " + alias + " " +
                     text({query.where, query.where_end}));
                return;
            }
            step("CREATE TEMP TABLE majed_used AS SELECT " + text(merge_.used_list) + ", " + alias +
                 ".ROWID IN " + rows_of(query) + " AS majed_shown FROM " + quoted_name(query.table) + " AS " +
                 alias);
            return;
        }
        step("CREATE TEMP TABLE majed_used AS SELECT *, 1 AS majed_shown FROM " + text(merge_.used));
    }

    std::string computed(const std::vector<Value>& values, const std::string& where) {
        std::string list;
        for (std::size_t place = 0; place < values.size(); ++place) {
            list += ", CASE WHEN " + where + " THEN (" + text(values[place].range) + ") END AS majed_value" +
                    std::to_string(place);
        }
        return list;
    }

    /// ON, then what UPDATE asks and computes, and only then whether there is such a row.
    void pair() {
        const std::string target_row = quoted_name(merge_.alias) + ".majed_row";
        const std::string used_row = quoted_name(merge_.used_alias);
        const std::string where = merge_.updates ? condition(merge_.update_where) : "(1 = 0)";
        step("CREATE TEMP TABLE majed_pairs AS SELECT " + target_row + " AS majed_row, " + used_row +
             ".ROWID AS majed_used_row, " + target_row + " IN " + rows_of(merge_.target) + " AND " +
             used_row + ".majed_shown AS majed_shown, " + where + " AS majed_chosen" +
             computed(merge_.set, where) + " FROM " + target() + " CROSS JOIN " + used() + " WHERE " +
             condition(merge_.on));
        step("DELETE FROM temp.majed_pairs WHERE NOT majed_shown");
    }

    void compute_inserted() {
        const std::string used_row = quoted_name(merge_.used_alias);
        const std::string where = condition(merge_.insert_where);
        step("CREATE TEMP TABLE majed_new AS SELECT " + used_row + ".majed_shown AS majed_shown, " + where +
             " AS majed_chosen" + computed(merge_.values, where) + " FROM " + used() + " WHERE " + used_row +
             ".ROWID NOT IN (SELECT majed_used_row FROM temp.majed_pairs)");
    }

    void update() {
        must_find_none(
            "SELECT COUNT(*) FROM (SELECT majed_row FROM temp.majed_pairs WHERE majed_chosen GROUP BY "
            "majed_row "
            "HAVING COUNT(*) > 1)",
            30926);
        std::string list;
        for (std::size_t place = 0; place < merge_.set.size(); ++place) {
            list += (list.empty() ? "" : ", ") + quoted_name(merge_.set[place].column) +
                    " = (SELECT p.majed_value" + std::to_string(place) +
                    " FROM temp.majed_pairs p WHERE p.majed_chosen AND p.majed_row = " + table_ + ".ROWID)";
        }
        counting_step("UPDATE " + table_ + " SET " + list +
                      " WHERE ROWID IN (SELECT majed_row FROM temp.majed_pairs WHERE majed_chosen)");
        if (merge_.target.checked) {
            must_find_none("SELECT COUNT(*) FROM temp.majed_pairs WHERE majed_chosen AND majed_row NOT IN " +
                               rows_of(merge_.target),
                           1402);
        }
        if (merge_.delete_where.empty()) {
            return;
        }
        step("DELETE FROM " + table_ + " WHERE ROWID IN (SELECT " + quoted_name(merge_.alias) +
             ".majed_row FROM " + target() + ", " + used() +
             ", temp.majed_pairs AS majed_pair WHERE majed_pair.majed_chosen AND " +
             "majed_pair.majed_row = " + quoted_name(merge_.alias) +
             ".majed_row AND majed_pair.majed_used_row = " + quoted_name(merge_.used_alias) + ".ROWID AND " +
             condition(merge_.delete_where) + ")");
    }

    void insert() {
        std::string columns;
        std::string values;
        for (std::size_t place = 0; place < merge_.values.size(); ++place) {
            const std::string& column = merge_.values[place].column;
            columns += column.empty() ? "" : (columns.empty() ? "" : ", ") + quoted_name(column);
            values += (place == 0 ? "majed_value" : ", majed_value") + std::to_string(place);
        }
        step("CREATE TEMP TABLE majed_last AS SELECT IFNULL(MAX(ROWID), 0) AS majed_row FROM " + table_);
        counting_step("INSERT INTO " + table_ + (columns.empty() ? "" : " (" + columns + ")") + " SELECT " +
                      values + " FROM temp.majed_new WHERE majed_chosen AND majed_shown");
        if (merge_.target.checked) {
            must_find_none("SELECT COUNT(*) FROM " + table_ + " WHERE ROWID > (SELECT majed_row FROM " +
                               "temp.majed_last) AND ROWID NOT IN " + rows_of(merge_.target),
                           1402);
        }
    }

    Translation& out_;
    const std::string owner_;
    const Merge& merge_;
    const std::string table_;
};

}  // namespace

void write_merge(Translation& out, const std::string& owner, std::size_t end) {
    if (const auto merge = MergeReader(out, owner, end).read()) {
        MergeWriter(out, owner, *merge).write();
    }
}

}  // namespace majed::oci_double
