// SPDX-License-Identifier: Apache-2.0
#include "rewrite/enforcement.h"

#include "core/ascii.h"
#include "rewrite/inline_compiler.h"
#include "rewrite/inline_words.h"
#include "rewrite/policy_sql.h"
#include "rewrite/profiles.h"
#include "rewrite/quoting.h"
#include "rewrite/write_rules.h"
#include "sql/functions.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

namespace majed::rewrite {
namespace {

sql::SchemaRelation make_json_table(std::string name) {
    sql::SchemaRelation relation;
    relation.name = std::move(name);
    relation.table_function = true;
    relation.has_rowid = false;
    // src/json.c jsonEachConnect.
    for (const char* column :
         {"key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json", "root"}) {
        sql::SchemaColumn& added = relation.columns.emplace_back();
        added.name = column;
        added.hidden = added.name == "json" || added.name == "root";
    }
    return relation;
}

/// Ordinary tables; not one that bears the name of a table function, which it would hide from the guards themselves.
bool can_be_governed(const catalog::Relation& table) {
    return table.kind == catalog::RelationKind::table && json_table(table.name) == nullptr;
}

/// An encryption's place in the policy set as the resolver wants it: 0 is none.
std::uint32_t number_of(std::optional<std::size_t> encryption) {
    return encryption ? static_cast<std::uint32_t>(*encryption + 1) : 0;
}

/// The source as policies see it: every table, nothing hidden.
class BareSchema final : public sql::Schema {
public:
    BareSchema(const catalog::Snapshot& catalog, const policy::PolicySet& policies, std::string_view source) {
        for (const catalog::Relation& table : catalog.relations()) {
            if (!can_be_governed(table)) continue;
            sql::SchemaRelation relation;
            relation.name = table.name;
            for (const catalog::Column& column : table.columns) {
                sql::SchemaColumn& added = relation.columns.emplace_back();
                added.name = column.name;
                added.declared_type = column.declared_type;
                // Neither may a row policy or the mask of another column compute on ciphertext.
                added.encryption = number_of(policies.encryption_of(source, table.name, column.name));
            }
            relation.rowid_column = table.rowid_column;
            relation.has_rowid = !table.without_rowid;
            relation.rowid_withheld = true;
            relation.indexes = table.indexes;
            relations_.emplace(ascii_lower(table.name), std::move(relation));
        }
    }

    const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                             std::string_view name) const override {
        if (!qualifier.empty() && !equal_ascii_case(qualifier, "main")) return nullptr;
        const auto found = relations_.find(ShortText::lower(name).view());
        return found != relations_.end() ? &found->second : json_table(name);
    }
    bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name) != nullptr;
    }

private:
    TextMap<sql::SchemaRelation> relations_;
};

std::uint64_t next_profile_id() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

/// An attribute that says nothing where an empty text is NULL: a rule that asked `IS NULL` of it would open.
bool is_empty(const Attributes::value_type& attribute) {
    const auto& values = attribute.second;
    return std::all_of(values.begin(), values.end(), [](const std::string& value) { return value.empty(); });
}

}  // namespace

const sql::SchemaRelation* json_table(std::string_view name) {
    static const sql::SchemaRelation each = make_json_table("json_each");
    static const sql::SchemaRelation tree = make_json_table("json_tree");
    if (equal_ascii_case(name, each.name)) return &each;
    return equal_ascii_case(name, tree.name) ? &tree : nullptr;
}

std::string key_on_server(std::string_view schema, std::string_view name) {
    return std::string(schema) + '\0' + std::string(name);
}

std::string_view key_on_server(std::string_view schema, std::string_view name, ShortText& room) {
    return room.add(schema).add('\0').add(name).view();
}

const sql::SchemaRelation* Enforcement::base_relation(std::string_view schema, std::string_view name) const {
    ShortText room;
    const auto found = base_relations_.find(key_on_server(schema, name, room));
    return found != base_relations_.end() ? &found->second : nullptr;
}

/// Builds one Enforcement, step by step.
class EnforcementCompiler {
public:
    EnforcementCompiler(const policy::PolicySet& policies, std::string_view source,
                        const catalog::Snapshot& catalog, Nonce nonce)
        : policies_(policies),
          source_(source),
          catalog_(catalog),
          bare_(catalog, policies, source),
          nonce_(std::move(nonce)),
          result_(new Enforcement),
          guards_(std::make_shared<driver::GuardSet>()) {  // private constructor
        names_.base_schema = nonce_.text + "_base";
        names_.attribute_function = nonce_.text + "_attribute";
        names_.attribute_list_function = nonce_.text + "_attributes";
        names_.hash_function = nonce_.text + "_hash";
        result_->passed_column_ = nonce_.text + "_passed";
        result_->conflict_view_ = nonce_.text + "_conflict";
    }

    Result<std::shared_ptr<const Enforcement>> run() {
        MAJED_TRY(check_names());
        for (const policy::Role role : policy::all_roles) {
            for (const catalog::Relation& table : catalog_.relations()) {
                if (can_be_governed(table)) MAJED_TRY(add(role, table));
            }
        }
        MAJED_TRY(add_writes());
        collect_attributes();
        finish_guards();
        result_->profiles_ = std::make_shared<Enforcement::Profiles>();
        return std::shared_ptr<const Enforcement>(std::move(result_));
    }

private:
    static Error refuse(const std::string& origin, const std::string& what) {
        return Error{ErrorCode::invalid_argument, origin + ": " + what};
    }

    [[nodiscard]] bool concerns_us(const std::string& source) const {
        return source.empty() || equal_ascii_case(source, source_);
    }

    /// Tables and columns that rules name must exist here, unless another source may have them.
    Result<void> check_names() const {
        for (const policy::RowPolicy& rule : policies_.row_policies()) {
            if (!concerns_us(rule.source)) continue;
            MAJED_TRY(check_table(rule.source, rule.table, rule.origin));
            for (const std::string& column : rule.columns) {
                MAJED_TRY(check_column(rule.table, column, rule.origin));
            }
        }
        for (const policy::MaskPolicy& rule : policies_.mask_policies()) {
            if (!concerns_us(rule.source)) continue;
            MAJED_TRY(check_table(rule.source, rule.table, rule.origin));
            MAJED_TRY(check_column(rule.table, rule.column, rule.origin));
        }
        for (const policy::EncryptedColumn& rule : policies_.encrypted_columns()) {
            if (!concerns_us(rule.source)) continue;
            MAJED_TRY(check_table(rule.source, rule.table, rule.origin));
            MAJED_TRY(check_column(rule.table, rule.column, rule.origin));
            MAJED_TRY(check_can_hold_tokens(rule));
        }
        return {};
    }

    /// The row id goes by other names too, and is a number.
    [[nodiscard]] Result<void> check_can_hold_tokens(const policy::EncryptedColumn& rule) const {
        const catalog::Relation* found = catalog_.find(rule.table);
        if (found == nullptr || !found->rowid_column) return {};
        if (!equal_ascii_case(found->columns[*found->rowid_column].name, rule.column)) return {};
        return refuse(rule.origin,
                      rule.table + "." + rule.column +
                          " is the table's row id: expected a column that can hold Fernet tokens");
    }

    Result<void> check_table(const std::string& source, const std::string& table,
                             const std::string& origin) const {
        const catalog::Relation* found = catalog_.find(table);
        if (found == nullptr && source.empty()) return {};
        if (found == nullptr) return refuse(origin, "source " + source + " has no table " + table);
        if (can_be_governed(*found)) return {};
        return refuse(origin,
                      table + " is not an ordinary table; views and virtual tables cannot be governed");
    }

    Result<void> check_column(const std::string& table, const std::string& column,
                              const std::string& origin) const {
        const catalog::Relation* found = catalog_.find(table);
        if (found == nullptr) return {};
        const bool known =
            std::any_of(found->columns.begin(), found->columns.end(),
                        [&](const catalog::Column& each) { return equal_ascii_case(each.name, column); });
        if (known) return {};
        return refuse(origin, "table " + table + " has no column " + column);
    }

    Result<void> add(policy::Role role, const catalog::Relation& table) {
        std::vector<std::string> columns;
        for (const catalog::Column& column : table.columns) columns.push_back(column.name);
        const policy::TableDecision decision = policies_.decide(role, source_, table.name, columns);
        if (decision.rows.denied() != nullptr) return {};
        const std::string key = key_of(table, decision);
        auto known = by_key_.find(key);
        if (known == by_key_.end()) {
            MAJED_TRY_ASSIGN(const std::size_t made, make_variant(role, table, decision));
            known = by_key_.emplace(key, made).first;
        }
        result_->by_role_.at(static_cast<std::size_t>(role)).emplace(ascii_lower(table.name), known->second);
        return {};
    }

    /// Equal decisions about a table share one variant.
    static std::string key_of(const catalog::Relation& table, const policy::TableDecision& decision) {
        std::string key = quoted_name(table.name);
        if (const policy::Filter* filter = decision.rows.filter()) key += quoted_name(filter->predicate);
        for (const policy::ColumnDecision& column : decision.columns) {
            key += std::to_string(static_cast<int>(column.state));
            if (column.state == policy::ColumnState::decrypted)
                key += "," + std::to_string(column.encryption) + ";";
            if (column.state != policy::ColumnState::masked) continue;
            key += "," + std::to_string(static_cast<int>(column.mask.kind)) + "," +
                   std::to_string(column.mask.keep_start) + "," + std::to_string(column.mask.keep_end) + "," +
                   quoted_name(column.mask.text);
        }
        return key;
    }

    Result<std::size_t> make_variant(policy::Role role, const catalog::Relation& table,
                                     const policy::TableDecision& decision) {
        auto variant = std::make_unique<Variant>();
        const sql::SchemaRelation& bare = *bare_.find_relation({}, table.name);
        const std::string origin =
            "policy for table " + table.name + " and role " + std::string(policy::to_string(role));
        variant->relation.name = table.name;
        variant->relation.has_rowid = bare.has_rowid;
        variant->relation.rowid_withheld = true;
        variant->relation.indexes = table.indexes;
        std::vector<std::string> reads{table.name};
        std::string shown;
        for (const policy::ColumnDecision& column : decision.columns) {
            if (column.state == policy::ColumnState::hidden) continue;
            MAJED_TRY_ASSIGN(const CompiledPredicate expression,
                             shown_column(bare, column, origin, *variant));
            reads.insert(reads.end(), expression.tables.begin(), expression.tables.end());
            shown += (shown.empty() ? "" : ", ") + expression.sql + " AS " + quoted_name(column.column);
        }
        if (shown.empty()) return refuse(origin, "it shows no column at all; use rows = \"none\" instead");
        CompiledPredicate predicate;
        if (const policy::Filter* filter = decision.rows.filter()) {
            auto compiled = compile_predicate(filter->predicate, bare, bare_, names_);
            if (!compiled) return at_origin(origin, std::move(compiled).error());
            predicate = *std::move(compiled);
            variant->predicate = filter->predicate;
            variant->relation.filtered = true;
            variant->scalar_attributes = predicate.scalar_attributes;
            variant->list_attributes = predicate.list_attributes;
            reads.insert(reads.end(), predicate.tables.begin(), predicate.tables.end());
        }
        return add_views(std::move(variant), shown, predicate, reads);
    }

    static Error at_origin(const std::string& origin, Error error) {
        error.message = origin + ": " + error.message;
        return error;
    }

    /// SQL of one visible column; adds it to the variant.
    Result<CompiledPredicate> shown_column(const sql::SchemaRelation& bare,
                                           const policy::ColumnDecision& decision, const std::string& origin,
                                           Variant& variant) {
        const auto place =
            std::find_if(bare.columns.begin(), bare.columns.end(),
                         [&](const sql::SchemaColumn& each) { return each.name == decision.column; });
        if (place == bare.columns.end()) return refuse(origin, "unknown column " + decision.column);
        sql::SchemaColumn column = *place;
        column.masked = decision.state == policy::ColumnState::masked;
        const bool decrypted = decision.state == policy::ColumnState::decrypted;
        column.encryption = decrypted ? number_of(decision.encryption) : 0;
        const bool is_rowid = bare.rowid_column == static_cast<std::size_t>(place - bare.columns.begin());
        if (is_rowid) variant.relation.rowid_column = variant.relation.columns.size();
        CompiledPredicate expression;
        expression.sql = quoted_name(column.name);
        if (column.masked) {
            auto mask = compile_mask(decision.mask, column, bare, bare_, names_);
            if (!mask) return at_origin(origin + ", mask of " + column.name, std::move(mask).error());
            expression = *std::move(mask);
            if (!expression.scalar_attributes.empty() || !expression.list_attributes.empty()) {
                return refuse(origin, "the mask of " + column.name + " may not use attributes");
            }
            column.unsafe = expression.unsafe;
        }
        variant.relation.columns.push_back(std::move(column));
        return expression;
    }

    std::size_t add_views(std::unique_ptr<Variant> variant, const std::string& shown,
                          const CompiledPredicate& predicate, const std::vector<std::string>& reads) {
        const std::string from =
            " FROM " + quoted_name(names_.base_schema) + "." + quoted_name(variant->relation.name);
        const bool filtered = variant->relation.filtered;
        variant->shown = shown;
        variant->reads = reads;
        // The line break ends a comment the operator may have left at the end of the predicate.
        const std::string where = filtered ? " WHERE (" + predicate.sql + "\n)" : "";
        const bool json =
            !predicate.list_attributes.empty() || predicate.sql.find("json_") != std::string::npos;
        variant->rows = from + where;
        variant->reads_json = json;
        const std::size_t id = place(*variant, "SELECT " + shown + from + where, reads, json);
        if (filtered) {
            variant->guarded_view = variant->view + "_guarded";
            guards_->views.push_back({variant->guarded_view,
                                      "SELECT " + shown + ", (" + predicate.sql + "\n) IS TRUE AS " +
                                          quoted_name(result_->passed_column_) + from + where,
                                      variant->relation.name, reads, json});
        }
        Variant& placed = *variant;
        result_->variants_.push_back(std::move(variant));
        if (placed.scalar_attributes.empty() && placed.list_attributes.empty()) return id;
        auto empty = std::make_unique<Variant>(placed);
        empty->without_rows.reset();
        empty->rows = from + " WHERE 0";
        const std::size_t empty_id = place(*empty, "SELECT " + shown + from + " WHERE 0", reads, json);
        // Nothing to tell from a table without rows, but the column must exist.
        empty->guarded_view = empty->view + "_guarded";
        guards_->views.push_back(
            {empty->guarded_view,
             "SELECT " + shown + ", 0 AS " + quoted_name(result_->passed_column_) + from + " WHERE 0",
             empty->relation.name, reads, json});
        result_->variants_.push_back(std::move(empty));
        placed.without_rows = empty_id;
        return id;
    }

    std::size_t place(Variant& variant, std::string select, const std::vector<std::string>& reads,
                      bool json) {
        const std::size_t id = result_->variants_.size();
        variant.relation.id = id;
        variant.view = nonce_.text + "_" + std::to_string(id);
        guards_->views.push_back({variant.view, std::move(select), variant.relation.name, reads, json});
        return id;
    }

    Result<void> add_writes() {
        WriteRules writes(SourceParts{policies_, source_, catalog_, bare_, names_, nonce_.text});
        for (const policy::Role role : policy::all_roles) {
            const auto place = static_cast<std::size_t>(role);
            for (const catalog::Relation& table : catalog_.relations()) {
                if (!can_be_governed(table)) continue;
                std::vector<const Variant*> read;
                const auto known = result_->by_role_.at(place).find(ascii_lower(table.name));
                if (known != result_->by_role_.at(place).end()) {
                    read.push_back(result_->variants_[known->second].get());
                    if (const auto empty = read.front()->without_rows)
                        read.push_back(result_->variants_[*empty].get());
                }
                MAJED_TRY_ASSIGN(auto draft, writes.draft(role, table, read, *guards_));
                if (draft) result_->drafts_.at(place).emplace(ascii_lower(table.name), std::move(draft));
            }
        }
        for (const auto& [name, relation] : writes.views()) result_->guard_relations_.emplace(name, relation);
        result_->tables_ = std::move(writes).take_facts();
        add_conflict_view();
        return {};
    }

    void add_conflict_view() {
        const std::string& name = result_->conflict_view_;
        guards_->views.push_back(
            {name,
             "SELECT " + quoted_name(nonce_.text + "_conflict_met") + "() AS " + quoted_name(name),
             {},
             {}});
        sql::SchemaRelation relation;
        relation.name = name;
        relation.has_rowid = false;
        relation.columns.emplace_back().name = name;
        result_->guard_relations_.emplace(name, std::move(relation));
    }

    void collect_attributes() {
        const auto add_once = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
            for (const std::string& name : from) {
                if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
            }
        };
        for (const auto& variant : result_->variants_) {
            add_once(result_->attributes_, variant->scalar_attributes);
            add_once(result_->list_attributes_, variant->list_attributes);
        }
        for (const auto& of_role : result_->drafts_) {
            for (const auto& [table, draft] : of_role) {
                for (const DraftRule& rule : draft->rules) {
                    add_once(result_->attributes_, rule.scalar_attributes);
                    add_once(result_->list_attributes_, rule.list_attributes);
                }
            }
        }
    }

    void finish_guards() {
        guards_->generation = nonce_.generation;
        guards_->schema_version = catalog_.schema_version();
        guards_->base_schema = names_.base_schema;
        guards_->attribute_function = names_.attribute_function;
        guards_->attribute_list_function = names_.attribute_list_function;
        guards_->hash_function = names_.hash_function;
        guards_->conflict_function = nonce_.text + "_conflict_met";
        guards_->secret_prefix = nonce_.text;
        guards_->hash_key = nonce_.hash_key;
        for (const catalog::Relation& relation : catalog_.relations()) {
            if (json_table(relation.name) == nullptr) guards_->shadowed.push_back(relation.name);
        }
        for (const sql::FunctionFacts& facts : sql::known_functions())
            guards_->functions.emplace_back(facts.name);
        guards_->functions.insert(guards_->functions.end(), {"->", "->>"});
        for (const auto& variant : result_->variants_) {
            sql::SchemaRelation relation = variant->relation;
            relation.has_rowid = false;
            relation.name = variant->view;
            result_->guard_relations_.emplace(variant->view, relation);
            if (variant->guarded_view.empty()) continue;
            relation.name = variant->guarded_view;
            relation.columns.emplace_back().name = result_->passed_column_;
            result_->guard_relations_.emplace(variant->guarded_view, std::move(relation));
        }
        find_strict_views();
        result_->guards_ = guards_;
    }

    void find_strict_views() {
        for (const driver::GuardView& view : guards_->views) {
            const bool strict = std::any_of(
                view.reads.begin(), view.reads.end(),
                [&](const std::string& table) { return policies_.audits_strictly(source_, table); });
            if (strict) result_->strict_views_.insert(view.name);
        }
    }

    const policy::PolicySet& policies_;
    std::string_view source_;
    const catalog::Snapshot& catalog_;
    BareSchema bare_;
    Nonce nonce_;
    PolicyNames names_;
    std::unique_ptr<Enforcement> result_;
    std::shared_ptr<driver::GuardSet> guards_;
    std::map<std::string, std::size_t> by_key_;
};

Result<std::shared_ptr<const Enforcement>> Enforcement::compile(const policy::PolicySet& policies,
                                                                std::string_view source,
                                                                const catalog::Snapshot& catalog, Nonce nonce,
                                                                Enforcer enforcer) {
    if (catalog.server() != nullptr)
        return compile_inlined(policies, source, catalog, std::move(nonce), enforcer);
    return EnforcementCompiler(policies, source, catalog, std::move(nonce)).run();
}

const Profile& Enforcement::profile(std::optional<policy::Role> role, const Attributes& attributes) const {
    if (server_ != nullptr && inline_words_of(dialect().id).empty_is_null() &&
        std::any_of(attributes.begin(), attributes.end(), is_empty)) {
        Attributes told = attributes;
        for (auto each = told.begin(); each != told.end();)
            each = is_empty(*each) ? told.erase(each) : std::next(each);
        return profile(role, told);
    }
    std::string key = role ? std::to_string(static_cast<int>(*role)) : "-";
    for (const std::string& name : attributes_) key += has_exactly_one(attributes, name) ? '1' : '0';
    for (const std::string& name : list_attributes_) key += has_any(attributes, name) ? '1' : '0';
    const Lock lock(profiles_->mutex);
    std::unique_ptr<Profile>& profile = profiles_->by_key[key];
    if (profile) return *profile;
    profile = std::make_unique<Profile>();
    profile->id_ = next_profile_id();
    profile->server_ = server_;
    if (!role) return *profile;
    for (const auto& [table, id] : by_role_.at(static_cast<std::size_t>(*role))) {
        const Variant* variant = variants_[id].get();
        const bool complete =
            std::all_of(variant->scalar_attributes.begin(), variant->scalar_attributes.end(),
                        [&](const std::string& name) { return has_exactly_one(attributes, name); }) &&
            std::all_of(variant->list_attributes.begin(), variant->list_attributes.end(),
                        [&](const std::string& name) { return has_any(attributes, name); });
        if (!complete) variant = variants_[*variant->without_rows].get();
        profile->by_folded_name_.emplace(table, &variant->relation);
        profile->visible_.push_back(&variant->relation);
    }
    for (const auto& [table, draft] : drafts_.at(static_cast<std::size_t>(*role))) {
        const auto read = profile->by_folded_name_.find(table);
        const Variant* const variant =
            read != profile->by_folded_name_.end() ? variants_[read->second->id].get() : nullptr;
        profile->targets_.emplace(table, target_of(*draft, variant, attributes));
    }
    return *profile;
}

const sql::SchemaRelation* Enforcement::guard_relation(std::string_view view) const {
    const auto found = guard_relations_.find(view);
    return found != guard_relations_.end() ? &found->second : nullptr;
}

const TableFacts* Enforcement::base_table(std::string_view name) const {
    const auto found = tables_.find(ShortText::lower(name).view());
    return found != tables_.end() ? found->second.get() : nullptr;
}

const TableFacts* Enforcement::base_table(std::string_view qualifier, std::string_view name) const {
    ShortText room;
    const auto found = tables_.find(server_->full_key(qualifier, name, room));
    return found != tables_.end() ? found->second.get() : nullptr;
}

bool Enforcement::uses_attribute(std::string_view attribute) const {
    const auto named = [attribute](const std::vector<std::string>& names) {
        return std::find(names.begin(), names.end(), attribute) != names.end();
    };
    return named(attributes_) || named(list_attributes_);
}

bool Enforcement::audits_strictly(const std::vector<std::string>& guard_views) const {
    return std::any_of(guard_views.begin(), guard_views.end(),
                       [&](const std::string& view) { return strict_views_.contains(view); });
}

std::string Enforcement::readable(std::string sql) const {
    const auto replace = [&sql](const std::string& what, std::string_view with) {
        for (std::size_t at = sql.find(what); !what.empty() && at != std::string::npos;
             at = sql.find(what, at))
            sql.replace(at, what.size(), with);
    };
    replace(guards_->secret_prefix, "guard");
    replace(guards_->bind_prefix, "user_");
    return sql;
}

}  // namespace majed::rewrite
