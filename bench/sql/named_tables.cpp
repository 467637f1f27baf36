// SPDX-License-Identifier: Apache-2.0
#include "named_tables.h"

#include "sql/parser.h"
#include "sql/walk.h"

#include <map>
#include <set>
#include <string_view>

namespace majed::bench {
namespace {

class NamedTables {
public:
    std::string of(sql::Select& root) {
        collect(root);
        sql::walk_expressions(root, [this](sql::Expr& expr) {
            if (expr.select != nullptr) collect(*expr.select);
            if (expr.kind == sql::ExprKind::column) column(expr);
        });
        std::string ddl;
        for (auto& [table, columns] : tables_) {
            if (queries_.contains(table)) continue;
            columns.insert(everywhere_.begin(), everywhere_.end());
            columns.insert("ID");
            ddl += "create table \"" + table + "\" (";
            const char* separator = "";
            for (const std::string& column : columns) {
                ddl += separator + ("\"" + column + "\" varchar2(40)");
                separator = ", ";
            }
            ddl += ");\n";
        }
        return ddl;
    }

private:
    void collect(sql::Select& select) {
        if (select.with != nullptr) {
            for (sql::Cte& cte : select.with->ctes) {
                queries_.emplace(cte.name.value);
                collect(*cte.select);
            }
        }
        for (sql::Core& core : select.cores) {
            if (core.nested != nullptr) collect(*core.nested);
            from(core.from);
        }
    }

    void from(sql::List<sql::FromItem>& items) {
        for (sql::FromItem& item : items) {
            from(item.items);
            if (item.select != nullptr) collect(*item.select);
            if (item.kind != sql::FromKind::table || item.name.value == "DUAL") continue;
            tables_.try_emplace(std::string(item.name.value));
            called_.emplace(item.visible_name(), item.name.value);
        }
    }

    void column(const sql::Expr& expr) {
        const std::string name(expr.name.value);
        if (expr.table == nullptr) {
            everywhere_.insert(name);
            return;
        }
        for (auto [each, end] = called_.equal_range(expr.table->value); each != end; ++each)
            tables_[std::string(each->second)].insert(name);
    }

    std::map<std::string, std::set<std::string>> tables_;
    std::multimap<std::string_view, std::string_view> called_;  // as it is called, its name
    std::set<std::string> everywhere_;
    std::set<std::string> queries_;
};

}  // namespace

std::string tables_named_in(const std::string& sql) {
    sql::Parser parser(sql::dialect_of(sql::DialectId::oracle));
    const auto parsed = parser.parse(sql);
    return parsed ? NamedTables().of(**parsed) : std::string();
}

}  // namespace majed::bench
