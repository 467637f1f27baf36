// SPDX-License-Identifier: Apache-2.0
#include "rewrite/inline_compiler.h"

#include "core/ascii.h"
#include "rewrite/governed_tables.h"
#include "rewrite/inline_policy.h"
#include "rewrite/inline_words.h"
#include "rewrite/inline_write_rules.h"
#include "rewrite/native_server.h"
#include "rewrite/profiles.h"
#include "rewrite/quoting.h"
#include "sql/functions.h"
#include "sql/plain_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace majed::rewrite {
namespace {

/// The server as policies see it: every relation, nothing hidden.
class WholeServer final : public sql::Schema {
public:
    WholeServer(const Enforcement& enforcement, const catalog::Snapshot& catalog, const sql::Dialect& dialect)
        : enforcement_(enforcement), catalog_(catalog), dialect_(dialect) {}

    const sql::SchemaRelation* find_relation(std::string_view qualifier,
                                             std::string_view name) const override {
        const catalog::Relation* found = catalog_.find(qualifier, name);
        return found == nullptr ? nullptr : enforcement_.base_relation(found->schema, found->name);
    }
    bool function_allowed(std::string_view name) const override {
        return sql::function_facts(name, dialect_.id) != nullptr && !catalog_.redefines_function(name);
    }
    bool type_allowed(std::string_view name) const override {
        return sql::is_plain_type(name, dialect_.id) && !catalog_.redefines_type(name);
    }
    bool operator_allowed(std::string_view name) const override { return !catalog_.redefines_operator(name); }

private:
    const Enforcement& enforcement_;
    const catalog::Snapshot& catalog_;
    const sql::Dialect& dialect_;
};

constexpr std::size_t bind_prefix_length = 20;

sql::DialectId dialect_at(const driver::ServerFacts& server) {
    return server.make == driver::ServerMake::oracle ? sql::DialectId::oracle : sql::DialectId::postgres;
}

/// How the driver calls a collation in which unlike texts may be equal.
constexpr std::string_view nondeterministic = "nondeterministic";

Error refused_at(const std::string& origin, const std::string& what) {
    return Error{ErrorCode::invalid_argument, origin + ": " + what};
}

Error told_at(const std::string& origin, Error error) {
    error.message = origin + ": " + error.message;
    return error;
}

void add_missing(std::vector<std::string>& to, const std::vector<std::string>& from) {
    for (const std::string& name : from) {
        if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
    }
}

void append(GappedText& to, const GappedText& from) {
    for (const GappedText::Gap& gap : from.gaps)
        to.gaps.push_back({to.text.size() + gap.offset, gap.attribute});
    to.text += from.text;
}

}  // namespace

class InlineCompiler {
public:
    InlineCompiler(const policy::PolicySet& policies, std::string_view source,
                   const catalog::Snapshot& catalog, Nonce nonce, Enforcer enforcer)
        : policies_(policies),
          source_(source),
          catalog_(catalog),
          nonce_(std::move(nonce)),
          dialect_(sql::dialect_of(dialect_at(*catalog.server()))),
          words_(inline_words_of(dialect_.id)),
          result_(new Enforcement),  // private constructor
          whole_(*result_, catalog, dialect_) {
        ServerNames server{&dialect_, *catalog.server()};
        for (const catalog::Relation& table : catalog_.relations()) {
            if (is_on_path(table))
                server.on_path.emplace(table.name, key_on_server(table.schema, table.name));
        }
        for (const driver::Synonym& each : catalog_.server()->synonyms) {
            if (const catalog::Relation* const table = catalog_.find({}, each.name))
                server.on_path.emplace(each.name, key_on_server(table->schema, table->name));
            if (const catalog::Relation* const table = catalog_.find(each.schema, each.name))
                server.synonyms.emplace(key_on_server(each.schema, each.name),
                                        key_on_server(table->schema, table->name));
        }
        result_->server_ = std::make_shared<ServerNames>(std::move(server));
        result_->passed_column_ = nonce_.text + "_passed";
        result_->conflict_view_ = nonce_.text + std::string(driver::met_a_hidden_row);
        result_->enforcer_ = enforcer;
    }

    Result<std::shared_ptr<const Enforcement>> run() {
        note_collations();
        for (const catalog::Relation& relation : catalog_.relations()) add_base(relation);
        if (dialect_.id == sql::DialectId::oracle) add_dual();
        MAJED_TRY(check_names());
        MAJED_TRY_ASSIGN(const std::vector<GovernedTable> tables,
                         governed_tables(policies_, source_, catalog_));
        for (const policy::Role role : policy::all_roles) {
            for (const GovernedTable& table : tables) MAJED_TRY(add(role, table));
        }
        MAJED_TRY(add_writes(tables));
        for (const auto& variant : result_->variants_) {
            add_missing(result_->attributes_, variant->scalar_attributes);
            add_missing(result_->list_attributes_, variant->list_attributes);
        }
        MAJED_TRY(finish_guards());
        result_->profiles_ = std::make_shared<Enforcement::Profiles>();
        return std::shared_ptr<const Enforcement>(std::move(result_));
    }

private:
    void note_collations() {
        for (const catalog::Relation& relation : catalog_.relations()) {
            for (const catalog::Column& column : relation.columns) {
                if (column.collation.empty() || column.collation == nondeterministic) continue;
                several_collations_ |= !collation_.empty() && collation_ != column.collation;
                collation_ = column.collation;
            }
        }
    }

    /// To compare columns of two collations, or to look for a part of a text of a nondeterministic one, is an error, but
    /// only once there is a row.
    [[nodiscard]] bool may_clash(const catalog::Column& column) const {
        return column.collation == nondeterministic || (several_collations_ && !column.collation.empty());
    }

    /// Oracle merges a view into the statement, and computes a virtual column when it is read: on a hidden row either may
    /// fail, whatever is compared with it.
    [[nodiscard]] bool is_computed(const catalog::Relation& table, const catalog::Column& column) const {
        return dialect_.id == sql::DialectId::oracle && (table.kind == catalog::RelationKind::view ||
                                                         column.generation == driver::Generation::computed);
    }

    void add_base(const catalog::Relation& table) {
        sql::SchemaRelation relation;
        relation.name = table.name;
        relation.schema = table.schema;
        for (const catalog::Column& column : table.columns) {
            sql::SchemaColumn& added = relation.columns.emplace_back();
            added.name = column.name;
            added.declared_type = column.declared_type;
            added.unsafe = may_clash(column) || is_computed(table, column);
            added.hidden = column.hidden;
        }
        relation.rowid_withheld = true;
        result_->base_relations_.emplace(key_on_server(table.schema, table.name), std::move(relation));
    }

    /// Oracle's table of one row, which everybody reads by its public synonym, unless the name stands for something else.
    void add_dual() {
        const auto& server = *catalog_.server();
        const bool other =
            std::any_of(server.synonyms.begin(), server.synonyms.end(), [&](const driver::Synonym& each) {
                return each.name == "DUAL" &&
                       (each.schema == "PUBLIC" || each.schema == server.search_path[0]);
            });
        if (catalog_.find("DUAL") != nullptr || other) return;
        auto variant = std::make_unique<Variant>();
        sql::SchemaRelation& relation = variant->relation;
        relation.schema = "SYS";
        relation.name = "DUAL";
        relation.rowid_withheld = true;
        relation.columns.push_back({.name = "DUMMY", .declared_type = "VARCHAR2(1)"});
        variant->inlined.whole = true;
        variant->inlined.full_name = "SYS.DUAL";
        result_->base_relations_.emplace(key_on_server("SYS", "DUAL"), relation);
        const std::size_t id = place(std::move(variant));
        auto names = std::make_shared<ServerNames>(*result_->server_);
        names->always = &result_->variants_[id]->relation;
        result_->server_ = std::move(names);
    }

    [[nodiscard]] bool concerns_us(const std::string& source) const {
        return source.empty() || equal_ascii_case(source, source_);
    }

    /// Tables and columns that rules name must exist here, unless another source may have them.
    Result<void> check_names() const {
        for (const policy::RowPolicy& rule : policies_.row_policies()) {
            if (!concerns_us(rule.source)) continue;
            for (const std::string& column : rule.columns)
                MAJED_TRY(check_column(rule.table, column, rule.origin));
        }
        for (const policy::MaskPolicy& rule : policies_.mask_policies()) {
            if (!concerns_us(rule.source)) continue;
            MAJED_TRY(check_column(rule.table, rule.column, rule.origin));
        }
        for (const policy::EncryptedColumn& rule : policies_.encrypted_columns()) {
            if (!concerns_us(rule.source) || catalog_.find(rule.table) == nullptr) continue;
            return refused_at(rule.origin, "encrypted columns are understood on SQLite sources only");
        }
        return {};
    }

    Result<void> check_column(const std::string& table, const std::string& column,
                              const std::string& origin) const {
        const catalog::Relation* found = catalog_.find(table);
        if (found == nullptr) return {};
        const bool known = std::any_of(found->columns.begin(), found->columns.end(),
                                       [&](const catalog::Column& each) { return each.name == column; });
        if (known) return {};
        return refused_at(origin, "table " + table + " has no column " + column);
    }

    [[nodiscard]] bool is_on_path(const catalog::Relation& table) const {
        // The server looks among its own first, which are not in the catalogue.
        return !table.name.starts_with("pg_") && catalog_.find({}, table.name) == &table;
    }

    Result<void> add(policy::Role role, const GovernedTable& governed) {
        const catalog::Relation& table = *governed.relation;
        const policy::TableDecision decision = decision_of(policies_, role, source_, governed);
        if (decision.rows.denied() != nullptr) return {};
        const std::string origin =
            "policy for table " + governed.named + " and role " + std::string(policy::to_string(role));
        auto variant = std::make_unique<Variant>();
        MAJED_TRY(show_columns(decision, table, origin, *variant));
        MAJED_TRY(filter(decision, table, origin, *variant));
        const std::size_t id = place(std::move(variant));
        auto& by_role = result_->by_role_.at(static_cast<std::size_t>(role));
        by_role.emplace(key_on_server(table.schema, table.name), id);
        return {};
    }

    Result<void> add_writes(const std::vector<GovernedTable>& tables) {
        InlineWriteRules writes(policies_, source_, catalog_, *result_, names());
        for (const policy::Role role : policy::all_roles) {
            const auto place = static_cast<std::size_t>(role);
            for (const GovernedTable& table : tables) {
                const std::string key = key_on_server(table.relation->schema, table.relation->name);
                const Variant* read = nullptr;
                const Variant* without_rows = nullptr;
                const auto known = result_->by_role_.at(place).find(key);
                if (known != result_->by_role_.at(place).end()) {
                    read = result_->variants_[known->second].get();
                    if (read->without_rows) without_rows = result_->variants_[*read->without_rows].get();
                }
                MAJED_TRY_ASSIGN(auto draft, writes.draft(role, table, read, without_rows));
                if (draft == nullptr) continue;
                for (const DraftRule& rule : draft->rules) {
                    add_missing(result_->attributes_, rule.scalar_attributes);
                    add_missing(result_->list_attributes_, rule.list_attributes);
                }
                result_->drafts_.at(place).emplace(key, std::move(draft));
            }
        }
        result_->tables_ = std::move(writes).take_facts();
        return {};
    }

    Result<void> show_columns(const policy::TableDecision& decision, const catalog::Relation& table,
                              const std::string& origin, Variant& variant) {
        const sql::SchemaRelation& base = *result_->base_relation(table.schema, table.name);
        variant.relation.name = table.name;
        variant.relation.schema = table.schema;
        variant.relation.rowid_withheld = true;
        InlineView& view = variant.inlined;
        view.full_name = table.full_name();
        view.whole = true;
        view.from = " FROM " + quoted_name(table.schema) + "." + quoted_name(table.name);
        view.alias = std::string(words_.before_alias()) + quoted_name(nonce_.text);
        const bool whole =
            decision.rows.filter() == nullptr &&
            std::all_of(decision.columns.begin(), decision.columns.end(),
                        [](const auto& each) { return each.state == policy::ColumnState::shown; });
        for (std::size_t i = 0; i < decision.columns.size(); ++i) {
            const policy::ColumnDecision& each = decision.columns[i];
            // Invisible: a star of the table leaves it out, one of a query in parentheses would not.
            if (base.columns[i].hidden && !whole) continue;
            view.whole &= each.state == policy::ColumnState::shown;
            if (each.state == policy::ColumnState::hidden) continue;
            MAJED_TRY(show_column(each, base.columns[i], base, origin, variant));
        }
        variant.relation.primary_key = primary_key(table, variant.relation);
        if (!variant.relation.columns.empty()) return {};
        return refused_at(origin, "it shows no column at all; use rows = \"none\" instead");
    }

    static std::vector<std::uint32_t> primary_key(const catalog::Relation& table,
                                                  const sql::SchemaRelation& shown) {
        const auto& keys = table.facts.keys;
        const auto key = std::find_if(keys.begin(), keys.end(),
                                      [](const driver::UniqueKey& each) { return each.primary; });
        std::vector<std::uint32_t> places;
        if (key == keys.end()) return places;
        for (const std::string& name : key->columns) {
            const auto found =
                std::find_if(shown.columns.begin(), shown.columns.end(),
                             [&name](const auto& column) { return column.name == name && !column.masked; });
            if (found == shown.columns.end()) return {};
            places.push_back(static_cast<std::uint32_t>(found - shown.columns.begin()));
        }
        return places;
    }

    Result<void> show_column(const policy::ColumnDecision& decision, const sql::SchemaColumn& base,
                             const sql::SchemaRelation& relation, const std::string& origin,
                             Variant& variant) {
        sql::SchemaColumn column = base;
        column.masked = decision.state == policy::ColumnState::masked;
        GappedText& columns = variant.inlined.columns;
        if (!columns.text.empty()) columns.text += ", ";
        if (!column.masked) {
            columns.text += quoted_name(column.name);
            variant.relation.columns.push_back(std::move(column));
            return {};
        }
        auto mask = compile_inline_mask(decision.mask, column, relation, names());
        if (!mask) return told_at(origin + ", mask of " + column.name, std::move(mask).error());
        if (!mask->scalar_attributes.empty() || !mask->list_attributes.empty())
            return refused_at(origin, "the mask of " + column.name + " may not use attributes");
        column.unsafe |= mask->unsafe;
        if (decision.mask.kind == policy::MaskKind::hash) set_hash_keys();
        append(columns, mask->sql);
        columns.text += " AS " + quoted_name(column.name);
        auto& others = variant.inlined.other_tables;
        others.insert(others.end(), mask->tables.begin(), mask->tables.end());
        variant.relation.columns.push_back(std::move(column));
        return {};
    }

    [[nodiscard]] InlineNames names() const { return {whole_, dialect_, nonce_.text}; }

    Result<void> filter(const policy::TableDecision& decision, const catalog::Relation& table,
                        const std::string& origin, Variant& variant) {
        const policy::Filter* filter = decision.rows.filter();
        if (filter == nullptr) return {};
        const sql::SchemaRelation& base = *result_->base_relation(table.schema, table.name);
        auto compiled = compile_inline(filter->predicate, base, names());
        if (!compiled) return told_at(origin, std::move(compiled).error());
        variant.predicate = filter->predicate;
        variant.relation.filtered = true;
        const bool by_server = result_->enforcer_ == Enforcer::server;
        if (by_server && dialect_.id == sql::DialectId::postgres) return {};
        variant.scalar_attributes = compiled->scalar_attributes;
        variant.list_attributes = compiled->list_attributes;
        variant.inlined.whole = false;
        // Oracle puts its predicate on the table inside the query, which keeps conditions out as before.
        if (!by_server) variant.inlined.predicate = std::move(compiled->sql);
        auto& others = variant.inlined.other_tables;
        others.insert(others.end(), compiled->tables.begin(), compiled->tables.end());
        return {};
    }

    /// The key of pseudonyms, as HMAC uses it: filled up to a block, each byte changed by one constant or the other.
    void set_hash_keys() {
        constexpr std::size_t block = 64;
        constexpr std::string_view digits = "0123456789abcdef";
        std::array<std::string, 2> halves;
        for (std::size_t i = 0; i < block; ++i) {
            const unsigned byte = i < nonce_.hash_key.size() ? nonce_.hash_key[i] : 0U;
            for (const auto& [half, pad] : {std::pair(&halves[0], 0x36U), std::pair(&halves[1], 0x5cU)}) {
                *half += digits[(byte ^ pad) >> 4U];
                *half += digits[(byte ^ pad) & 0xfU];
            }
        }
        result_->own_parameters_[std::string(inner_hash_key)] = {halves[0]};
        result_->own_parameters_[std::string(outer_hash_key)] = {halves[1]};
    }

    std::size_t place(std::unique_ptr<Variant> variant) {
        auto& variants = result_->variants_;
        const std::size_t id = variants.size();
        variant->relation.id = id;
        variant->view = variant->inlined.full_name;
        const bool needs_attributes =
            !variant->scalar_attributes.empty() || !variant->list_attributes.empty();
        if (!needs_attributes) {
            variants.push_back(std::move(variant));
            return id;
        }
        auto empty = std::make_unique<Variant>(*variant);
        empty->relation.id = id + 1;
        empty->inlined.predicate = {std::string(words_.no_rows()), {}};
        empty->inlined.other_tables.clear();
        variant->without_rows = id + 1;
        variants.push_back(std::move(variant));
        variants.push_back(std::move(empty));
        return id;
    }

    Result<void> finish_guards() {
        auto guards = std::make_shared<driver::GuardSet>();
        guards->generation = nonce_.generation;
        guards->schema_version = catalog_.schema_version();
        guards->secret_prefix = nonce_.text;
        guards->search_path = catalog_.server()->search_path;
        // Short enough for servers whose names have 30 bytes.
        guards->bind_prefix = ascii_upper(nonce_.text.substr(0, bind_prefix_length)) + "_";
        if (result_->enforcer_ == Enforcer::server) {
            MAJED_TRY_ASSIGN(guards->context_attributes, server_attributes(policies_, source_, catalog_));
            guards->native = true;
            const auto& context = catalog_.server()->context;
            if (context) guards->context_owner = context->owner;
        }
        result_->guards_ = std::move(guards);
        for (const auto& variant : result_->variants_) {
            std::vector<std::string> reads = variant->inlined.other_tables;
            reads.push_back(variant->inlined.full_name);
            const bool strict = std::any_of(reads.begin(), reads.end(), [&](const std::string& table) {
                return policies_.audits_strictly(source_, table) ||
                       policies_.audits_strictly(source_, table.substr(table.find('.') + 1));
            });
            if (strict) result_->strict_views_.insert(variant->view);
        }
        return {};
    }

    const policy::PolicySet& policies_;
    std::string_view source_;
    const catalog::Snapshot& catalog_;
    Nonce nonce_;
    const sql::Dialect& dialect_;
    const InlineWords& words_;
    std::string collation_;  ///< That some column has.
    bool several_collations_ = false;
    std::unique_ptr<Enforcement> result_;
    WholeServer whole_;
};

Result<std::shared_ptr<const Enforcement>> compile_inlined(const policy::PolicySet& policies,
                                                           std::string_view source,
                                                           const catalog::Snapshot& catalog, Nonce nonce,
                                                           Enforcer enforcer) {
    return InlineCompiler(policies, source, catalog, std::move(nonce), enforcer).run();
}

}  // namespace majed::rewrite
