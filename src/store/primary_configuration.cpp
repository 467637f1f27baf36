// SPDX-License-Identifier: Apache-2.0
#include "store/configuration.h"
#include "store/primary_store.h"
#include "store/store_parts.h"

#include <array>
#include <optional>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;
using driver::sqlite::Statement;

/// Cells of the history that one call shows.
constexpr std::int64_t shown_changes = 100;

/// What the audit keeps of a key: the value and whether somebody set it.
std::string image_of(const ConfigurationItem& item) {
    const ConfigurationTraits& traits = traits_of(item.key);
    std::string out;
    format::JsonWriter json(out);
    json.begin_object().key("value");
    if (item.number) {
        json.text(text_of(traits, *item.number));
    } else {
        json.null();
    }
    json.key("set").boolean(item.set).end_object();
    return out;
}

/// nullopt: nobody set it.
Result<std::optional<std::string>> stored_text(Lookups& lookups, ConfigurationKey key) {
    Statement& row = lookups.configuration_by_key;
    MAJED_TRY(row.bind(std::array<Value, 1>{std::string(traits_of(key).name)}));
    MAJED_TRY_ASSIGN(const bool found, row.step());
    std::optional<std::string> text;
    if (found) text = row.text(0);
    row.reset();
    return text;
}

Result<ConfigurationItem> stored_item(Database& database, ConfigurationKey key) {
    const ConfigurationTraits& traits = traits_of(key);
    MAJED_TRY_ASSIGN(auto row,
                     database.prepare("SELECT value, updated_at, ifnull((SELECT changed_by_name FROM"
                                      " configuration_history AS h WHERE h.key = c.key ORDER BY h.id DESC"
                                      " LIMIT 1), '') FROM configuration AS c WHERE key = ?1"));
    MAJED_TRY(row.bind(std::array<Value, 1>{std::string(traits.name)}));
    MAJED_TRY_ASSIGN(const bool found, row.step());
    if (!found) return ConfigurationItem{.key = key, .number = traits.initial};
    return ConfigurationItem{.key = key,
                             .number = number_in(traits, row.text(0)),
                             .set = true,
                             .updated_by = row.text(2),
                             .updated_at = row.text(1)};
}

template <class T>
Value or_null(const std::optional<T>& given) {
    Value value;
    if (given) value = *given;
    return value;
}

/// An id that is no user's is none: who holds the files has a name only.
constexpr std::string_view known_user = "(SELECT id FROM users WHERE id = ?)";

Result<void> write_history(Database& database, const Change& what, const std::optional<std::string>& before,
                           const std::optional<std::string>& after, const std::string& now) {
    MAJED_TRY(change(database,
                     "INSERT INTO configuration_history (key, old_value, new_value, changed_by,"
                     " changed_by_name, changed_at) VALUES (?, ?, ?, " +
                         std::string(known_user) + ", ?, ?)",
                     {what.resource_id, or_null(before), or_null(after), or_null(what.actor.user_id),
                      what.actor.name, now}));
    return {};
}

}  // namespace

Result<std::int64_t> configured_number(Lookups& lookups, ConfigurationKey key) {
    const ConfigurationTraits& traits = traits_of(key);
    MAJED_TRY_ASSIGN(const auto text, stored_text(lookups, key));
    if (!text) return traits.initial;
    const auto number = number_in(traits, *text);
    if (!number) return not_understood(traits);
    return *number;
}

Result<std::int64_t> PrimaryStore::configured_number(ConfigurationKey key) {
    return parts_->connection->read(
        [&](Database&) { return store::configured_number(parts_->lookups, key); });
}

Result<std::vector<ConfigurationItem>> PrimaryStore::configuration() {
    return parts_->connection->read([](Database& database) -> Result<std::vector<ConfigurationItem>> {
        std::vector<ConfigurationItem> items;
        for (const ConfigurationTraits& traits : configuration_keys) {
            MAJED_TRY_ASSIGN(auto item, stored_item(database, traits.key));
            items.push_back(std::move(item));
        }
        return items;
    });
}

Result<ConfigurationItem> PrimaryStore::configuration(ConfigurationKey key) {
    return parts_->connection->read([key](Database& database) { return stored_item(database, key); });
}

Result<std::vector<ConfigurationChange>> PrimaryStore::configuration_history(ConfigurationKey key) {
    return parts_->connection->read([key](Database& database) -> Result<std::vector<ConfigurationChange>> {
        MAJED_TRY_ASSIGN(
            auto rows,
            database.prepare("SELECT old_value IS NOT NULL, ifnull(old_value, ''), new_value IS NOT"
                             " NULL, ifnull(new_value, ''), changed_by_name, changed_at FROM"
                             " configuration_history WHERE key = ?1 ORDER BY id DESC LIMIT ?2"));
        MAJED_TRY(rows.bind(std::array<Value, 2>{std::string(traits_of(key).name), shown_changes}));
        std::vector<ConfigurationChange> changes;
        MAJED_TRY_ASSIGN(bool more, rows.step());
        while (more) {
            const auto text = [&rows](int column) {
                return rows.integer(column) != 0 ? std::optional(rows.text(column + 1)) : std::nullopt;
            };
            changes.push_back({text(0), text(2), rows.text(4), rows.text(5)});
            MAJED_TRY_ASSIGN(more, rows.step());
        }
        return changes;
    });
}

Result<ConfigurationItem> PrimaryStore::set_configuration(const Actor& actor, ConfigurationKey key,
                                                          const ConfigurationValue& value) {
    const ConfigurationTraits& traits = traits_of(key);
    MAJED_TRY_ASSIGN(const std::int64_t number, number_of(traits, value));
    const std::string text = text_of(traits, number);
    const std::string now = parts_->connection->now_text();
    const Change what{actor, Operation::configuration_set, std::string(traits.name)};
    return parts_->connection->change(
        what, [&](Database& database, Images& images) -> Result<ConfigurationItem> {
            MAJED_TRY_ASSIGN(const auto before, stored_item(database, key));
            MAJED_TRY_ASSIGN(const auto before_text, stored_text(parts_->lookups, key));
            images.before = image_of(before);
            MAJED_TRY(write_history(database, what, before_text, text, now));
            MAJED_TRY(change(
                database,
                "INSERT INTO configuration (key, value, description, updated_by, updated_at)"
                " VALUES (?, ?, ?, " +
                    std::string(known_user) +
                    ", ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, description ="
                    " excluded.description, updated_by = excluded.updated_by, updated_at ="
                    " excluded.updated_at",
                {what.resource_id, text, std::string(traits.description), or_null(actor.user_id), now}));
            MAJED_TRY_ASSIGN(auto after, stored_item(database, key));
            images.after = image_of(after);
            return after;
        });
}

Result<void> PrimaryStore::reset_configuration(const Actor& actor, ConfigurationKey key) {
    const std::string now = parts_->connection->now_text();
    const Change what{actor, Operation::configuration_reset, std::string(traits_of(key).name)};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto before, stored_item(database, key));
        MAJED_TRY_ASSIGN(const auto before_text, stored_text(parts_->lookups, key));
        images.before = image_of(before);
        if (before.set) {
            MAJED_TRY(write_history(database, what, before_text, std::nullopt, now));
            MAJED_TRY(change(database, "DELETE FROM configuration WHERE key = ?1", {what.resource_id}));
        }
        MAJED_TRY_ASSIGN(const auto after, stored_item(database, key));
        images.after = image_of(after);
        return {};
    });
}

}  // namespace majed::store
