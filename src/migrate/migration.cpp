// SPDX-License-Identifier: Apache-2.0
#include "migrate/migration.h"

#include "core/ascii.h"
#include "crypto/digest.h"
#include "crypto/encoding.h"
#include "format/text.h"
#include "migrate/migration_name.h"
#include "migrate/migration_parts.h"

#include <algorithm>
#include <map>
#include <utility>

namespace majed::migrate {
namespace {

/// So many mistakes are told; a folder of something else entirely would fill the terminal.
constexpr std::size_t max_told = 100;
constexpr std::size_t shown_columns = 120;

/// One text, read as far as it could be.
struct ReadFile {
    const MigrationText* source = nullptr;
    MigrationName name = {};
    MigrationParts parts = {};
};

class FolderReading {
public:
    explicit FolderReading(Dialect dialect) : dialect_(dialect) {}

    void add(const MigrationText& text) {
        auto name = parse_migration_name(text.file);
        if (!name) {
            mistake(text.file, {0, name.error().message});
        }
        const bool undoes = name && name->undoes;
        ReadFile file{.source = &text};
        if (!text.refusal.empty()) {
            file.parts.mistakes.push_back({0, text.refusal});
        } else {
            file.parts = read_parts(dialect_, text.bytes, undoes ? FileRole::undoing : FileRole::both);
        }
        for (const Mistake& found : file.parts.mistakes) {
            mistake(text.file, found);
        }
        if (name) {
            file.name = std::move(*name);
            (undoes ? down_files_ : files_).push_back(std::move(file));
        }
    }

    Result<std::vector<Migration>> finish() {
        sort();
        refuse_doubles();
        std::vector<Migration> migrations;
        for (ReadFile& file : files_) {
            migrations.push_back(made_of(file));
        }
        for (const auto& [stem, file] : ways_down_) {
            mistake(file->source->file, {0, "there is no `" + stem + ".sql` that it undoes"});
        }
        if (!mistakes_.empty()) {
            return refusal();
        }
        return migrations;
    }

private:
    void mistake(const std::string& file, Mistake what) { mistakes_.emplace_back(file, std::move(what)); }

    void sort() {
        std::ranges::stable_sort(files_, [](const ReadFile& a, const ReadFile& b) {
            if (a.name.version && b.name.version) {
                return *a.name.version < *b.name.version;
            }
            return a.name.version || (!b.name.version && a.name.stem < b.name.stem);
        });
    }

    void refuse_doubles() {
        for (std::size_t i = 1; i < files_.size(); ++i) {
            const ReadFile& before = files_[i - 1];
            if (files_[i].name.version && before.name.version == files_[i].name.version) {
                mistake(files_[i].source->file, {0, "has the version of `" + before.source->file + "`"});
            }
        }
        std::map<std::string, const ReadFile*> repeatable;
        for (const ReadFile& file : files_) {
            if (file.name.version) {
                continue;
            }
            const auto [known, fresh] = repeatable.emplace(ascii_lower(file.name.stem), &file);
            if (!fresh) {
                mistake(file.source->file, {0, "has the name of `" + known->second->source->file + "`"});
            }
        }
        for (const ReadFile& file : down_files_) {
            if (!ways_down_.emplace(file.name.stem, &file).second) {
                mistake(file.source->file, {0, "is there twice"});
            }
        }
    }

    Migration made_of(ReadFile& file) {
        Migration migration;
        migration.version = file.name.version;
        migration.key = file.name.version ? file.name.version->text() : file.name.stem;
        migration.description = std::move(file.name.description);
        migration.file = file.source->file;
        migration.checksum = crypto::to_hex(crypto::sha256(crypto::bytes_of(file.source->bytes)));
        migration.stepwise = file.parts.up.stepwise;
        migration.foreign_keys_off = file.parts.up.foreign_keys_off;
        migration.up = std::move(file.parts.up.script);
        migration.tokens_checksum = "t1:" + migration.up.tokens_digest;
        take_down(file, migration);
        return migration;
    }

    void take_down(ReadFile& file, Migration& migration) {
        std::optional<MigrationPart> down = std::move(file.parts.down);
        migration.down_file = migration.file;
        if (const auto found = ways_down_.find(file.name.stem); found != ways_down_.end()) {
            migration.down_file = found->second->source->file;
            if (down) {
                mistake(migration.down_file, {0, "`" + migration.file + "` has a down part already"});
            }
            down = found->second->parts.down;
            ways_down_.erase(found);
        }
        if (down && !migration.version) {
            mistake(migration.file, {0, "a repeatable one has no way down; leave out `-- majed:down`"});
        }
        const bool idle = file.parts.mistakes.empty() && migration.up.statements.empty();
        if (down && idle && !down->script.statements.empty()) {
            mistake(migration.down_file, {0, "undoes something, though `up` does nothing"});
        }
        if (!down || (down->script.statements.empty() && !migration.up.statements.empty())) {
            migration.down_file.clear();
            return;
        }
        migration.down = std::move(down->script);
        migration.down_stepwise = down->stepwise;
        migration.down_foreign_keys_off = down->foreign_keys_off;
    }

    Error refusal() {
        std::ranges::stable_sort(mistakes_, {}, [](const auto& one) { return one.first; });
        std::string message;
        for (std::size_t i = 0; i < std::min(mistakes_.size(), max_told); ++i) {
            const auto& [file, what] = mistakes_[i];
            message += (i == 0 ? "" : "\n") + format::fitted(format::printable(file), shown_columns) + ": ";
            message += (what.line == 0 ? "" : "line " + std::to_string(what.line) + ": ") + what.what;
        }
        if (mistakes_.size() > max_told) {
            message += "\nand " + std::to_string(mistakes_.size() - max_told) + " more";
        }
        return Error{.code = ErrorCode::invalid_argument, .message = std::move(message)};
    }

    Dialect dialect_;
    std::vector<ReadFile> files_ = {};
    std::vector<ReadFile> down_files_ = {};
    std::map<std::string, const ReadFile*> ways_down_ = {};  ///< By stem; those left over belong to no file.
    std::vector<std::pair<std::string, Mistake>> mistakes_ = {};
};

}  // namespace

Result<std::vector<Migration>> read_migrations(Dialect dialect, std::span<const MigrationText> texts) {
    FolderReading reading(dialect);
    for (const MigrationText& text : texts) {
        if (is_migration_file(text.file)) {
            reading.add(text);
        }
    }
    return reading.finish();
}

}  // namespace majed::migrate
