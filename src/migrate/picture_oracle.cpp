// SPDX-License-Identifier: Apache-2.0
// The picture of an Oracle user's own schema.
//
// Left out: comments; storage (tablespaces, partitions, compression, parallelism, index-organised or not); Java, queues,
// jobs, database links, VPD policies, supplemental logging; next values of sequences; roles and system privileges.
// Names the engine made itself (SYS_C..., ISEQ$$...) say nothing, so what has one is called by what it is.
#include "core/ascii.h"
#include "migrate/picture_oracle_sql.h"
#include "migrate/picture_reading.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace majed::migrate {

namespace {

using oracle_text::column_grants_sql;
using oracle_text::columns_sql;
using oracle_text::conditions_sql;
using oracle_text::constraint_columns_sql;
using oracle_text::constraints_sql;
using oracle_text::defaults_sql;
using oracle_text::grants_sql;
using oracle_text::identities_sql;
using oracle_text::index_columns_sql;
using oracle_text::index_expressions_sql;
using oracle_text::indexes_sql;
using oracle_text::materialized_views_sql;
using oracle_text::referred_columns_sql;
using oracle_text::sequences_sql;
using oracle_text::sources_sql;
using oracle_text::synonyms_sql;
using oracle_text::tables_sql;
using oracle_text::triggers_sql;
using oracle_text::views_sql;
using Key = std::pair<std::string, std::string>;

/// As it is in the dictionary, quoted where SQL would need it.
std::string name_of_part(std::string_view name) {
    const auto is_plain = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' || c == '#';
    };
    const bool plain = !name.empty() && name.front() >= 'A' && name.front() <= 'Z' &&
                       std::all_of(name.begin(), name.end(), is_plain);
    return plain ? std::string(name) : "\"" + std::string(name) + "\"";
}

std::string joined(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : ", ") + part;
    }
    return text;
}

std::string_view without_margins(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_LENGTH, CHAR_LENGTH, CHAR_USED, DATA_PRECISION, DATA_SCALE.
std::string type_of(Cells row) {
    std::string type = cell_text(row[2]);
    const std::string precision = cell_text(row[6]);
    const std::string scale = cell_text(row[7]);
    if (type.ends_with("CHAR") || type.ends_with("CHAR2")) {
        const bool in_characters = cell_text(row[5]) == "C";
        type += "(" + cell_text(in_characters ? row[4] : row[3]) + (in_characters ? " CHAR)" : ")");
    } else if (type == "RAW") {
        type += "(" + cell_text(row[3]) + ")";
    } else if (type == "NUMBER" && (!precision.empty() || !scale.empty())) {
        type += "(" + (precision.empty() ? "*" : precision) + (scale.empty() ? "" : "," + scale) + ")";
    } else if (type == "FLOAT" && !precision.empty()) {
        type += "(" + precision + ")";
    }
    return type;
}

struct Constraint {
    std::string table;
    std::string name;
    std::string type;
    Key refers_to = {};
    std::string delete_rule = {};
    std::string state = {};
    bool is_generated = false;
};

class OraclePicture {
public:
    OraclePicture(driver::Connection& connection, Deadline deadline)
        : connection_(connection), deadline_(deadline) {}

    Result<SchemaPicture> read() {
        MAJED_TRY(read_grants());
        MAJED_TRY(read_tables());
        MAJED_TRY(read_columns());
        MAJED_TRY(read_constraints());
        MAJED_TRY(read_indexes());
        MAJED_TRY(read_queries());
        MAJED_TRY(read_sources());
        MAJED_TRY(read_others());
        return std::move(picture_);
    }

private:
    Result<void> each(std::string_view sql, std::function<void(Cells)> take) {
        return for_each_row(connection_, sql, {}, deadline_, std::move(take));
    }

    void add(std::string kind, std::string name, std::string definition) {
        picture_.push_back({std::move(kind), std::move(name), std::move(definition)});
    }

    std::string grants_of(const Key& key) const {
        const auto found = grants_.find(key);
        return found == grants_.end() ? std::string() : found->second;
    }

    /// `row` ends with grantee, privilege, grantable.
    void add_grant(const Key& key, Cells row) {
        const std::size_t at = row.size() - 3;
        grants_[key] += "\ngrant " + cell_text(row[at + 1]) +
                        (cell_text(row[at + 2]) == "YES" ? " WITH GRANT OPTION" : "") + " to " +
                        name_of_part(cell_text(row[at]));
    }
    Result<void> read_grants() {
        MAJED_TRY(each(grants_sql, [this](Cells row) { add_grant({cell_text(row[0]), ""}, row); }));
        return each(column_grants_sql, [this](Cells row) {
            add_grant({cell_text(row[0]), cell_text(row[1])}, row);
        });
    }

    /// The table of a materialized view is part of that.
    Result<void> read_tables() {
        MAJED_TRY(each(materialized_views_sql, [this](Cells row) {
            const std::string name = cell_text(row[0]);
            materialized_.insert(name);
            add("materialized view", name_of_part(name), cell_text(row[1]) + grants_of({name, ""}));
        }));
        return each(tables_sql, [this](Cells row) {
            const std::string name = cell_text(row[0]);
            if (!is_ledger_name(name) && !materialized_.contains(name)) {
                tables_[name] = cell_text(row[1]) == "Y" ? "global temporary table" : "table";
            }
        });
    }

    Result<void> read_columns() {
        std::map<Key, std::string> defaults;
        std::map<Key, std::string> identities;
        MAJED_TRY(each(defaults_sql, [&](Cells row) {
            defaults[{cell_text(row[0]), cell_text(row[1])}] = without_margins(cell_text(row[2]));
        }));
        MAJED_TRY(each(identities_sql, [&](Cells row) {
            identities[{cell_text(row[0]), cell_text(row[1])}] =
                cell_text(row[2]) + " AS IDENTITY (" + cell_text(row[3]) + ")";
        }));
        std::map<std::string, std::string> lists;
        MAJED_TRY(each(columns_sql, [&](Cells row) {
            const Key key{cell_text(row[0]), cell_text(row[1])};
            if (!tables_.contains(key.first)) {
                return;
            }
            std::string definition = type_of(row);
            if (const auto identity = identities.find(key); identity != identities.end()) {
                definition += " GENERATED " + identity->second;
            } else if (const auto value = defaults.find(key); value != defaults.end()) {
                const bool is_virtual = cell_text(row[10]) == "YES";
                definition +=
                    is_virtual ? " GENERATED ALWAYS AS (" + value->second + ")" : " DEFAULT " + value->second;
            }
            definition += cell_text(row[8]) == "N" ? " NOT NULL" : "";
            definition += cell_text(row[9]) == "YES" ? " INVISIBLE" : "";
            add("column", name_of_part(key.first) + "." + name_of_part(key.second),
                definition + grants_of(key));
            lists[key.first] += "\n  " + name_of_part(key.second);
        }));
        for (const auto& [name, what] : tables_) {
            add("table", name_of_part(name), what + grants_of({name, ""}) + "\ncolumns" + lists[name]);
        }
        return {};
    }

    Result<void> read_constraints() {
        std::vector<Constraint> found;
        std::map<std::string, std::vector<std::string>> columns;
        std::map<std::string, std::string> conditions;
        std::map<Key, std::pair<std::string, std::vector<std::string>>> referred;
        MAJED_TRY(each(constraints_sql, [&](Cells row) {
            if (!is_ledger_name(cell_text(row[2])) && !materialized_.contains(cell_text(row[2]))) {
                found.push_back(constraint_of(row));
            }
        }));
        MAJED_TRY(each(constraint_columns_sql, [&](Cells row) {
            columns[cell_text(row[0])].push_back(name_of_part(cell_text(row[1])));
        }));
        MAJED_TRY(each(referred_columns_sql, [&](Cells row) {
            auto& [table, names] = referred[{cell_text(row[0]), cell_text(row[1])}];
            table = name_of_part(cell_text(row[2]));
            names.push_back(name_of_part(cell_text(row[3])));
        }));
        MAJED_TRY(each(conditions_sql, [&](Cells row) {
            conditions[cell_text(row[0])] = without_margins(cell_text(row[1]));
        }));
        for (const Constraint& constraint : found) {
            const auto& [table, names] = referred[constraint.refers_to];
            const std::string of = joined(columns[constraint.name]);
            const std::string target = table + " (" + joined(names) + ")" + constraint.delete_rule;
            add_constraint(constraint, of, constraint.type == "R" ? target : conditions[constraint.name]);
        }
        return {};
    }

    static Constraint constraint_of(Cells row) {
        Constraint one{.table = cell_text(row[2]), .name = cell_text(row[0]), .type = cell_text(row[1])};
        one.refers_to = {cell_text(row[3]), cell_text(row[4])};
        const std::string rule = cell_text(row[5]);
        one.delete_rule = rule.empty() || rule == "NO ACTION" ? "" : " ON DELETE " + rule;
        one.state += cell_text(row[7]) == "DEFERRABLE" ? " DEFERRABLE" : "";
        one.state += cell_text(row[8]) == "DEFERRED" ? " INITIALLY DEFERRED" : "";
        one.state += cell_text(row[6]) == "DISABLED" ? " DISABLE" : "";
        one.state += cell_text(row[9]) == "NOT VALIDATED" ? " NOVALIDATE" : "";
        one.is_generated = cell_text(row[10]) == "GENERATED NAME";
        return one;
    }

    void add_constraint(const Constraint& constraint, const std::string& columns, const std::string& more) {
        static const std::map<std::string, std::string> words{
            {"P", "PRIMARY KEY"},       {"U", "UNIQUE"},        {"R", "FOREIGN KEY"}, {"C", "CHECK"},
            {"V", "WITH CHECK OPTION"}, {"O", "WITH READ ONLY"}};
        if (constraint.type == "C" && constraint.state.empty() &&
            more == "\"" + bare(columns) + "\" IS NOT NULL") {
            return;  // The column says so.
        }
        const std::string& what = words.at(constraint.type);
        std::string definition = what + " (" + (constraint.type == "C" ? more : columns) + ")";
        definition += constraint.type == "R" ? " REFERENCES " + more : "";
        const std::string name =
            constraint.is_generated ? "unnamed " + definition : name_of_part(constraint.name);
        add("constraint", name_of_part(constraint.table) + "." + name, definition + constraint.state);
    }

    static std::string bare(std::string_view name) {
        return std::string(name.starts_with('"') && name.size() > 1 ? name.substr(1, name.size() - 2) : name);
    }

    Result<void> read_indexes() {
        std::map<Key, std::string> expressions;
        std::map<std::string, std::vector<std::string>> columns;
        MAJED_TRY(each(index_expressions_sql, [&](Cells row) {
            expressions[{cell_text(row[0]), cell_text(row[1])}] = without_margins(cell_text(row[2]));
        }));
        MAJED_TRY(each(index_columns_sql, [&](Cells row) {
            const auto made = expressions.find({cell_text(row[0]), cell_text(row[1])});
            columns[cell_text(row[0])].push_back(
                (made == expressions.end() ? name_of_part(cell_text(row[2])) : made->second) +
                (cell_text(row[3]) == "DESC" ? " DESC" : ""));
        }));
        return each(indexes_sql, [&](Cells row) {
            const std::string table = cell_text(row[1]);
            if (is_ledger_name(table) || materialized_.contains(table)) {
                return;
            }
            const std::string type = cell_text(row[2]);
            std::string definition = cell_text(row[3]) == "UNIQUE" ? "UNIQUE " : "";
            definition += type == "NORMAL" ? "" : type + " ";
            definition += "ON " + name_of_part(table) + " (" + joined(columns[cell_text(row[0])]) + ")";
            definition += cell_text(row[4]) == "UNUSABLE" ? " UNUSABLE" : "";
            definition += cell_text(row[5]) == "INVISIBLE" ? " INVISIBLE" : "";
            add("index", name_of_part(cell_text(row[0])), std::move(definition));
        });
    }

    Result<void> read_queries() {
        return each(views_sql, [this](Cells row) {
            const std::string name = cell_text(row[0]);
            add("view", name_of_part(name), cell_text(row[1]) + grants_of({name, ""}));
        });
    }

    /// Lines of one object follow one another.
    Result<void> read_sources() {
        std::map<Key, std::string> sources;
        MAJED_TRY(each(sources_sql, [&](Cells row) {
            sources[{cell_text(row[0]), cell_text(row[1])}] += cell_text(row[2]);
        }));
        MAJED_TRY(each(triggers_sql, [&](Cells row) {
            const auto trigger = sources.find({"TRIGGER", cell_text(row[0])});
            if (trigger != sources.end() && cell_text(row[1]) == "DISABLED") {
                trigger->second += "\nDISABLED";
            }
        }));
        for (const auto& [key, text] : sources) {
            std::string kind = key.first;
            std::transform(kind.begin(), kind.end(), kind.begin(), [](char c) { return ascii_lower(c); });
            add(std::move(kind), name_of_part(key.second), text + grants_of({key.second, ""}));
        }
        return {};
    }

    Result<void> read_others() {
        MAJED_TRY(each(sequences_sql, [this](Cells row) {
            const std::string name = cell_text(row[0]);
            add("sequence", name_of_part(name),
                "MINVALUE " + cell_text(row[1]) + " MAXVALUE " + cell_text(row[2]) + " INCREMENT BY " +
                    cell_text(row[3]) + (cell_text(row[4]) == "Y" ? " CYCLE" : "") +
                    (cell_text(row[5]) == "Y" ? " ORDER" : "") + " CACHE " + cell_text(row[6]) +
                    grants_of({name, ""}));
        }));
        return each(synonyms_sql, [this](Cells row) {
            const std::string owner = cell_text(row[1]);
            const std::string link = cell_text(row[3]);
            add("synonym", name_of_part(cell_text(row[0])),
                "FOR " + (owner.empty() ? "" : name_of_part(owner) + ".") + name_of_part(cell_text(row[2])) +
                    (link.empty() ? "" : "@" + link));
        });
    }

    driver::Connection& connection_;
    Deadline deadline_;
    std::map<std::string, std::string> tables_;
    std::set<std::string> materialized_;
    std::map<Key, std::string> grants_;
    SchemaPicture picture_;
};

}  // namespace

Result<SchemaPicture> picture_of_oracle(driver::Connection& connection, Deadline deadline) {
    return in_transaction(connection, deadline, [&] { return OraclePicture(connection, deadline).read(); });
}

}  // namespace majed::migrate
