// SPDX-License-Identifier: Apache-2.0
#include "format/json.h"
#include "store/primary_store.h"
#include "store/store_parts.h"
#include "store/store_seals.h"

#include <array>
#include <utility>

namespace majed::store {
namespace {

using driver::sqlite::Database;

struct StoredPassword {
    std::int64_t id = 0;
    std::string sealed;
};

Result<std::optional<StoredPassword>> find_password(Database& database, std::string_view source) {
    MAJED_TRY_ASSIGN(auto rows,
                     database.prepare("SELECT id, password FROM source_passwords WHERE source = ?1"));
    MAJED_TRY(rows.bind(std::array<Value, 1>{std::string(source)}));
    MAJED_TRY_ASSIGN(const bool found, rows.step());
    if (!found) return std::optional<StoredPassword>();
    return std::optional(StoredPassword{rows.integer(0), rows.text(1)});
}

Result<void> check_source_password(const Secret& password) {
    const std::string_view text = password.reveal();
    if (text.empty() || text.size() > PrimaryStore::max_source_password ||
        text.find('\0') != std::string_view::npos) {
        return Error{.code = ErrorCode::invalid_argument,
                     .message = "the password of a source has 1 to " +
                                std::to_string(PrimaryStore::max_source_password) +
                                " bytes, and none of them is zero"};
    }
    return {};
}

std::string image_of(std::string_view source) {
    std::string out;
    format::JsonWriter(out)
        .begin_object()
        .key("source")
        .text(source)
        .key("stored")
        .boolean(true)
        .end_object();
    return out;
}

Error has_no_seals() {
    return Error{.code = ErrorCode::internal, .message = "the store was opened without keys"};
}

}  // namespace

Result<void> PrimaryStore::set_source_password(const Actor& actor, std::string_view source,
                                               const Secret& password) {
    MAJED_TRY(check_name("the name of a source", source));
    MAJED_TRY(check_source_password(password));
    StoreSeals* const seals = parts_->options.seals.get();
    if (seals == nullptr) return has_no_seals();
    const Change what{actor, Operation::source_set_password, std::string(source)};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto stored, find_password(database, source));
        std::int64_t id = stored ? stored->id : 0;
        if (!stored) {
            MAJED_TRY_ASSIGN(id, next_row(database, Sealed::source_password));
        }
        MAJED_TRY_ASSIGN(std::string sealed,
                         seals->seal(database, Sealed::source_password, id, password.reveal()));
        MAJED_TRY(
            change(database,
                   "INSERT INTO source_passwords (id, source, password, updated_by, updated_at)"
                   " VALUES (?1, ?2, ?3, (SELECT id FROM users WHERE id = ?4), ?5)"
                   " ON CONFLICT (id) DO UPDATE SET password = excluded.password,"
                   " updated_by = excluded.updated_by, updated_at = excluded.updated_at",
                   {id, std::string(source), std::move(sealed),
                    actor.user_id ? Value(*actor.user_id) : Value(Null{}), parts_->connection->now_text()}));
        if (stored) images.before = image_of(source);
        images.after = image_of(source);
        return {};
    });
}

Result<void> PrimaryStore::forget_source_password(const Actor& actor, std::string_view source) {
    MAJED_TRY(check_name("the name of a source", source));
    const Change what{actor, Operation::source_forget_password, std::string(source)};
    return parts_->connection->change(what, [&](Database& database, Images& images) -> Result<void> {
        MAJED_TRY_ASSIGN(const auto gone, change(database, "DELETE FROM source_passwords WHERE source = ?1",
                                                 {std::string(source)}));
        if (gone == 0) {
            return Error{.code = ErrorCode::not_found,
                         .message = "no password is stored for a source " + std::string(source)};
        }
        images.before = image_of(source);
        return {};
    });
}

Result<std::optional<Secret>> PrimaryStore::source_password(std::string_view source) {
    MAJED_TRY_ASSIGN(const auto stored, parts_->connection->read([&](Database& database) {
        return find_password(database, source);
    }));
    if (!stored) return std::optional<Secret>();
    StoreSeals* const seals = parts_->options.seals.get();
    if (seals == nullptr) return has_no_seals();
    auto opened = seals->open(Sealed::source_password, stored->id, stored->sealed);
    if (opened) return std::optional(std::move(*opened));
    if (opened.error() != crypto::TextSeal::not_opened()) return opened.error();
    return Error{.code = ErrorCode::unavailable,
                 .message = "the stored password of the source " + std::string(source) + " cannot be opened",
                 .hint = "put back the newest copy of the key file, or majed source set-password"};
}

}  // namespace majed::store
