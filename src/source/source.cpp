// SPDX-License-Identifier: Apache-2.0
#include "core/mutex.h"
#include "driver/sqlite/catalog_reader.h"
#include "driver/sqlite/database.h"
#include "driver/sqlite/governed_session.h"
#include "source/session_pool.h"
#include "source/source_registry.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace majed::source {

namespace {

using driver::sqlite::Database;

catalog::RelationKind kind_of(driver::ObjectKind kind) {
    switch (kind) {
        case driver::ObjectKind::table:
            return catalog::RelationKind::table;
        case driver::ObjectKind::view:
            return catalog::RelationKind::view;
        case driver::ObjectKind::virtual_table:
            return catalog::RelationKind::virtual_table;
        case driver::ObjectKind::shadow:
            return catalog::RelationKind::shadow;
        case driver::ObjectKind::internal:
            return catalog::RelationKind::internal;
    }
    return catalog::RelationKind::internal;
}

catalog::Relation to_relation(driver::ObjectDescription object) {
    catalog::Relation relation;
    relation.name = std::move(object.name);
    relation.kind = kind_of(object.kind);
    for (driver::ColumnDescription& column : object.columns) {
        relation.columns.push_back(
            {std::move(column.name), std::move(column.declared_type), column.not_null, column.hidden});
    }
    relation.indexes = std::move(object.indexes);
    relation.rowid_column = object.rowid_column;
    relation.without_rowid = object.without_rowid;
    relation.definition = std::move(object.definition);
    return relation;
}

Result<std::shared_ptr<const catalog::Snapshot>> read_catalog(Database& database) {
    MAJED_TRY_ASSIGN(driver::SchemaDescription objects, driver::sqlite::read_schema(database));
    std::vector<catalog::Relation> relations;
    relations.reserve(objects.size());
    for (driver::ObjectDescription& object : objects) {
        relations.push_back(to_relation(std::move(object)));
    }
    return std::make_shared<const catalog::Snapshot>(std::move(relations));
}

SessionPool::Open opener(std::string path) {
    return [path = std::move(path)](
               const SessionPool::Guard& guard) -> Result<std::unique_ptr<driver::Session>> {
        MAJED_TRY_ASSIGN(auto session, driver::sqlite::GovernedSession::open(path, guard));
        return std::unique_ptr<driver::Session>(std::move(session));
    };
}

}  // namespace

class Source::State {
public:
    State(SourceOptions options, Database keeper, std::shared_ptr<const catalog::Snapshot> catalog)
        : options_(std::move(options)),
          pool_(options_.max_sessions, opener(options_.path)),
          keeper_(std::move(keeper)),
          catalog_(std::move(catalog)) {}

    [[nodiscard]] const SourceOptions& options() const noexcept { return options_; }
    [[nodiscard]] SessionPool& pool() noexcept { return pool_; }

    [[nodiscard]] std::shared_ptr<const catalog::Snapshot> catalog() const {
        const Lock lock(catalog_mutex_);
        return catalog_;
    }

    [[nodiscard]] Result<std::shared_ptr<const catalog::Snapshot>> refresh_catalog() {
        const Lock one_reader(keeper_mutex_);
        MAJED_TRY_ASSIGN(auto fresh, read_catalog(keeper_));
        const Lock lock(catalog_mutex_);
        catalog_ = fresh;
        return fresh;
    }

    [[nodiscard]] Result<void> ping() {
        // An open descriptor answers also after the file was removed or replaced by nothing.
        std::error_code ignored;
        if (!std::filesystem::exists(options_.path, ignored)) {
            return Error{ErrorCode::unavailable, "the file of source " + options_.name + " is gone"};
        }
        const Lock one_reader(keeper_mutex_);
        auto answered = keeper_.execute("SELECT count(*) FROM sqlite_schema");
        if (!answered) {
            return Error{.code = ErrorCode::unavailable,
                         .message = "source " + options_.name + " does not answer",
                         .native_code = answered.error().native_code};
        }
        return {};
    }

private:
    const SourceOptions options_;
    SessionPool pool_;
    Mutex keeper_mutex_;
    /// Keeps a WAL open between sessions' reads, which halves the cost of short ones; reads the catalogue.
    Database keeper_ MAJED_GUARDED_BY(keeper_mutex_);
    mutable Mutex catalog_mutex_;
    std::shared_ptr<const catalog::Snapshot> catalog_ MAJED_GUARDED_BY(catalog_mutex_);
};

SessionLease::SessionLease(Source& source, std::unique_ptr<driver::Session> session,
                           std::uint64_t generation) noexcept
    : source_(&source), session_(std::move(session)), generation_(generation) {}

SessionLease::SessionLease(SessionLease&& other) noexcept
    : source_(other.source_), session_(std::move(other.session_)), generation_(other.generation_) {}

SessionLease::~SessionLease() {
    if (session_ != nullptr) {
        source_->give_back(std::move(session_), generation_);
    }
}

Source::Source(std::unique_ptr<State> state) : state_(std::move(state)) {}

Source::~Source() = default;

Result<std::unique_ptr<Source>> Source::open(SourceOptions options) {
    MAJED_TRY_ASSIGN(Database keeper, Database::open(options.path, driver::sqlite::OpenMode::read_only));
    MAJED_TRY_ASSIGN(auto catalog, read_catalog(keeper));
    auto state = std::make_unique<State>(std::move(options), std::move(keeper), std::move(catalog));
    return std::unique_ptr<Source>(new Source(std::move(state)));
}

const SourceOptions& Source::options() const noexcept {
    return state_->options();
}

std::shared_ptr<const catalog::Snapshot> Source::catalog() const {
    return state_->catalog();
}

Result<std::shared_ptr<const catalog::Snapshot>> Source::refresh_catalog() {
    return state_->refresh_catalog();
}

void Source::install_guard(std::shared_ptr<const driver::GuardSet> guard) {
    state_->pool().install_guard(std::move(guard));
}

Result<SessionLease> Source::lease(Deadline deadline) {
    const Deadline patience = deadline_after(state_->options().acquire_timeout);
    MAJED_TRY_ASSIGN(PooledSession taken, state_->pool().take(std::min(deadline, patience)));
    return SessionLease(*this, std::move(taken.session), taken.generation);
}

void Source::give_back(std::unique_ptr<driver::Session> session, std::uint64_t generation) noexcept {
    state_->pool().give_back({std::move(session), generation});
}

Result<void> Source::ping() {
    return state_->ping();
}

}  // namespace majed::source
