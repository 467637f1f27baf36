// SPDX-License-Identifier: Apache-2.0
#include "ddl_translation.h"

#include <algorithm>
#include <set>

#include "sql_writer.h"

namespace majed::oci_double {
namespace {

class DefinitionTranslator {
public:
    DefinitionTranslator(Translation& out, std::string owner)
        : out_(out), owner_(std::move(owner)), writer_(out, owner_) {}

    void run() {
        const std::string verb = at(0).text;
        if (verb == "CREATE") {
            create();
        } else if (verb == "DROP") {
            drop();
        } else if (verb == "ALTER") {
            alter();
        } else if (verb == "TRUNCATE") {
            std::size_t index = 2;
            out_.sql = "DELETE FROM " + take_name(index);
        } else {
            // Comments and privileges change nothing here.
            out_.action = Action::accept;
        }
    }

private:
    const Token& at(std::size_t index) const {
        return out_.scanned.tokens[std::min(index, out_.scanned.tokens.size() - 1)];
    }

    std::size_t end() const { return out_.scanned.tokens.size() - 1; }

    void refuse(int code, std::size_t index) {
        if (!out_.problem) {
            out_.problem = oracle_error(code, {}, static_cast<int>(at(index).begin));
        }
    }

    /// [owner.]name
    std::string take_plain_name(std::size_t& index) {
        if (at(index + 1).is_symbol(".")) {
            index += 2;
        }
        if (!at(index).is_name()) {
            refuse(903, index);
            return {};
        }
        return at(index++).text;
    }

    /// [owner.]name, quoted for SQLite.
    std::string take_name(std::size_t& index) { return quoted_name(take_plain_name(index)); }

    void create() {
        std::size_t index = 1;
        bool replaces = false;
        bool temporary = false;
        bool unique = false;
        for (; index < end(); ++index) {
            replaces |= at(index).is("REPLACE");
            temporary |= at(index).is("TEMPORARY");
            unique |= at(index).is("UNIQUE");
            if (at(index).is("TABLE") || at(index).is("VIEW") || at(index).is("INDEX") ||
                at(index).is("SEQUENCE") || at(index).is("TRIGGER")) {
                break;
            }
        }
        const std::string what = at(index++).text;
        if (what == "TABLE") {
            create_table(index, temporary);
        } else if (what == "VIEW") {
            create_view(index, replaces);
        } else if (what == "INDEX") {
            create_index(index, unique);
        } else if (what == "TRIGGER") {
            create_trigger(index);
        } else if (what == "SEQUENCE") {
            out_.sql = "INSERT INTO majed_sequences(name, last) VALUES (" +
                       quoted_text(take_plain_name(index)) + ", 0)";
        } else {
            refuse(3001, 1);
        }
    }

    void create_table(std::size_t index, bool temporary) {
        table_ = at(index + 1).is_symbol(".") ? at(index + 2).text : at(index).text;
        const std::string name = take_name(index);
        out_.sql = std::string{temporary ? "CREATE TEMP TABLE " : "CREATE TABLE "} + name;
        if (at(index).is("AS")) {
            writer_.write(index, end());
            return;
        }
        if (!at(index).is_symbol("(")) {
            refuse(906, index);
            return;
        }
        const std::size_t close = writer_.behind_parenthesis(index) - 1;
        if (!at(close).is_symbol(")")) {
            refuse(907, end());
            return;
        }
        out_.sql += " (";
        ++index;
        read_primary_key(index, close);
        while (index < close && !out_.problem) {
            const std::size_t entry_end = end_of_entry(index, close);
            is_constraint(index) ? write_constraint(index, entry_end) : write_column(index, entry_end);
            index = entry_end + 1;
            if (index < close) {
                out_.sql += ",";
            }
        }
        for (const std::string& check : checks_) {
            out_.sql += ", " + check;
        }
        // What follows the parenthesis is storage.
        out_.sql += ")";
    }

    /// Names in PRIMARY KEY (a, b): SQLite would let them be NULL.
    void read_primary_key(std::size_t index, std::size_t close) {
        for (; index + 2 < close; ++index) {
            if (!at(index).is("PRIMARY") || !at(index + 1).is("KEY") || !at(index + 2).is_symbol("(")) {
                continue;
            }
            for (std::size_t name = index + 3; !at(name).is_symbol(")") && name < close; ++name) {
                key_columns_.insert(at(name).text);
            }
        }
    }

    std::size_t end_of_entry(std::size_t index, std::size_t close) const {
        int depth = 0;
        for (; index < close; ++index) {
            depth += at(index).is_symbol("(") ? 1 : 0;
            depth -= at(index).is_symbol(")") ? 1 : 0;
            if (depth == 0 && at(index).is_symbol(",")) {
                break;
            }
        }
        return index;
    }

    bool is_constraint(std::size_t index) const {
        const Token& token = at(index);
        return token.is("CONSTRAINT") || (token.is("PRIMARY") && at(index + 1).is("KEY")) ||
               (token.is("FOREIGN") && at(index + 1).is("KEY")) ||
               ((token.is("UNIQUE") || token.is("CHECK")) && at(index + 1).is_symbol("("));
    }

    void write_constraint(std::size_t index, std::size_t entry_end) {
        while (index < entry_end) {
            if (is_storage_word(index)) {
                index = at(index).is("USING") ? entry_end : index + 1;
                continue;
            }
            index = writer_.write_one(index, entry_end);
        }
    }

    bool is_storage_word(std::size_t index) const {
        return at(index).is("ENABLE") || at(index).is("VALIDATE") || at(index).is("NOVALIDATE") ||
               at(index).is("DISABLE") || at(index).is("USING") || at(index).is("VISIBLE");
    }

    void write_column(std::size_t index, std::size_t entry_end) {
        const std::string column = at(index).text;
        if (!at(index).is_name()) {
            refuse(904, index);
            return;
        }
        const std::string name = quoted_name(column);
        ++index;
        const std::size_t type_begin = index;
        const auto type = take_type(out_.scanned.tokens, index);
        if (!type) {
            refuse(902, type_begin);
            return;
        }
        writer_.add(name, type_begin);
        if (is_identity(index, entry_end)) {
            out_.sql += " INTEGER PRIMARY KEY";
            return;
        }
        out_.sql += " " + declared_type(*type) + (key_columns_.contains(column) ? " NOT NULL" : "");
        write_column_clauses(index, entry_end);
        checks_.push_back("CHECK (majed_check(" + name + "," + quoted_text(type->text) + "," +
                          quoted_text(table_) + "," + quoted_text(column) + "))");
    }

    bool is_identity(std::size_t index, std::size_t entry_end) const {
        for (; index < entry_end; ++index) {
            if (at(index).is("IDENTITY")) {
                return true;
            }
        }
        return false;
    }

    void write_column_clauses(std::size_t index, std::size_t entry_end) {
        while (index < entry_end && !out_.problem) {
            if (is_storage_word(index)) {
                index = at(index).is("USING") ? entry_end : index + 1;
            } else if (at(index).is("DEFAULT")) {
                std::size_t behind = index + 1;
                behind += at(behind).is("ON") && at(behind + 1).is("NULL") ? 2U : 0U;
                const std::size_t begin = behind;
                while (behind < entry_end && !is_clause(behind)) {
                    behind = at(behind).is_symbol("(") ? writer_.behind_parenthesis(behind) : behind + 1;
                }
                writer_.add("DEFAULT (", index);
                writer_.write(begin, behind);
                out_.sql += ")";
                index = behind;
            } else {
                out_.sql += at(index).is("PRIMARY") ? " NOT NULL" : "";
                index = writer_.write_one(index, entry_end);
            }
        }
    }

    bool is_clause(std::size_t index) const {
        return at(index).is("NOT") || at(index).is("CONSTRAINT") || at(index).is("PRIMARY") ||
               at(index).is("UNIQUE") || at(index).is("CHECK") || at(index).is("REFERENCES") ||
               (at(index).is("NULL") && index > 0 && !at(index - 1).is("DEFAULT"));
    }

    /// One that does nothing: AFTER INSERT ON t BEGIN NULL; END;
    void create_trigger(std::size_t index) {
        const std::string name = take_name(index);
        while (index < end() && !at(index).is("ON")) {
            ++index;
        }
        ++index;
        const std::string table = take_name(index);
        if (!at(index).is("BEGIN") || !at(index + 1).is("NULL")) {
            refuse(3001, index);
        }
        out_.sql = "CREATE TRIGGER " + name + " AFTER INSERT ON " + table + " BEGIN SELECT 1; END";
    }

    void create_view(std::size_t index, bool replaces) {
        const std::string name = take_name(index);
        out_.sql = (replaces ? "DROP VIEW IF EXISTS " + name + "; " : "") + "CREATE VIEW " + name;
        std::size_t query_end = end();
        // WITH READ ONLY, WITH CHECK OPTION.
        if (query_end >= 3 && at(query_end - 3).is("WITH")) {
            query_end -= 3;
        }
        writer_.write(index, query_end);
    }

    void create_index(std::size_t index, bool unique) {
        const std::string name = take_name(index);
        if (!at(index).is("ON")) {
            refuse(969, index);
            return;
        }
        ++index;
        const std::string table = take_name(index);
        out_.sql = std::string{unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX "} + name + " ON " + table;
        const std::size_t behind = writer_.behind_parenthesis(index);
        writer_.write(index, behind);
    }

    void drop() {
        const std::string what = at(1).text;
        std::size_t index = 2;
        if (what == "TABLE" || what == "VIEW" || what == "INDEX" || what == "TRIGGER") {
            out_.sql = "DROP " + what + " " + take_name(index);
        } else if (what == "SEQUENCE") {
            out_.sql = "DELETE FROM majed_sequences WHERE name = " + quoted_text(take_plain_name(index));
        } else {
            refuse(3001, 1);
        }
    }

    void alter() {
        const std::string what = at(1).text;
        if (what == "SESSION") {
            out_.action = Action::alter_session;
        } else if (what == "SYSTEM") {
            out_.action = at(2).is("KILL") ? Action::kill_session : Action::accept;
            out_.argument = at(4).text;
        } else if (what == "TABLE") {
            alter_table();
        } else if (what == "INDEX" || what == "USER") {
            out_.action = Action::accept;
        } else {
            refuse(3001, 1);
        }
    }

    void alter_table() {
        std::size_t index = 2;
        table_ = at(index).text;
        out_.sql = "ALTER TABLE " + take_name(index);
        if (at(index).is("ADD") && !is_constraint(index + 1)) {
            index += at(index + 1).is("COLUMN") ? 2U : 1U;
            std::size_t entry_end = end();
            if (at(index).is_symbol("(")) {
                entry_end = writer_.behind_parenthesis(index) - 1;
                ++index;
            }
            out_.sql += " ADD COLUMN";
            if (end_of_entry(index, entry_end) != entry_end) {
                refuse(3001, index);
                return;
            }
            write_column(index, entry_end);
            if (!checks_.empty()) {
                out_.sql += " " + checks_.front();
            }
        } else if (at(index).is("DROP") && at(index + 1).is("COLUMN")) {
            index += 2;
            out_.sql += " DROP COLUMN " + take_name(index);
        } else if (at(index).is("RENAME")) {
            writer_.write(index, end());
        } else {
            refuse(3001, index);
        }
    }

    Translation& out_;
    std::string owner_;
    SqlWriter writer_;
    std::string table_;
    std::vector<std::string> checks_;
    std::set<std::string> key_columns_;
};

}  // namespace

void translate_definition(Translation& out, const std::string& owner) {
    DefinitionTranslator(out, owner).run();
}

}  // namespace majed::oci_double
