// SPDX-License-Identifier: Apache-2.0
#include "app/initial_files.h"

#include "app/audited_changes.h"
#include "app/initial_texts.h"
#include "app/primary_migration.h"
#include "app/root_keys.h"
#include "app/stored_detail_seal.h"
#include "crypto/key_file.h"
#include "crypto/random.h"
#include "crypto/signing_key.h"
#include "demo/sales_database.h"
#include "policy/principal.h"
#include "store/primary_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

namespace majed::app {
namespace {

namespace fs = std::filesystem;

/// Removes what it was told about, unless the whole was finished.
class Undo {
public:
    Undo() = default;
    Undo(const Undo&) = delete;
    Undo& operator=(const Undo&) = delete;
    ~Undo() {
        for (const auto& path : paths_) {
            for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) {
                std::error_code ignored;
                fs::remove(path + suffix, ignored);
            }
        }
    }
    void add(std::string path) { paths_.push_back(std::move(path)); }
    std::vector<std::string> keep() { return std::exchange(paths_, {}); }

private:
    std::vector<std::string> paths_;
};

Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (file < 0) {
        return Error{ErrorCode::unavailable, "cannot write " + path + ": " + std::strerror(errno)};
    }
    bool written = true;
    while (!text.empty() && written) {
        const auto count = ::write(file, text.data(), text.size());
        written = count > 0;
        text.remove_prefix(written ? static_cast<std::size_t>(count) : 0);
    }
    if (::close(file) != 0 || !written) {
        return Error{ErrorCode::unavailable, "cannot write " + path};
    }
    return {};
}

struct DemoUser {
    std::string_view name;
    policy::Role role;
    std::string_view attribute;
    std::vector<std::string> values;
};

/// Users and a client with random secrets; the text lists them.
Result<std::string> add_principals(store::PrimaryStore& store) {
    const std::array<DemoUser, 3> users{{{"admin", policy::Role::admin, "", {}},
                                         {"sam", policy::Role::superuser, "regions", {"NORTH", "EAST"}},
                                         {"nora", policy::Role::normal, "region", {"NORTH"}}}};
    constexpr std::size_t password_bytes = 12;
    std::string logins = "Logins of the demonstration, made at random for this folder:\n\n";
    for (const auto& user : users) {
        store::NewUser account{std::string(user.name), user.role, {}, false};
        std::string regions;
        for (const auto& value : user.values) {
            regions += (regions.empty() ? "" : ", ") + value;
        }
        if (!user.values.empty()) {
            account.attributes[std::string(user.attribute)] = user.values;
        }
        const Secret password(crypto::random_base64url(password_bytes));
        MAJED_TRY(store.add_user({}, account, password));
        std::string line = "  " + std::string(user.name);
        line.resize(9, ' ');
        line += "password  ";
        line += password.reveal();
        line += "   (" + std::string(policy::to_string(user.role));
        line += regions.empty() ? ")\n" : ", " + std::string(user.attribute) + " " + regions + ")\n";
        logins += line;
    }
    MAJED_TRY_ASSIGN(const auto client, store.add_client({}, "acme"));
    logins += "  acme   API key   ";
    logins += client.api_key.reveal();
    logins += "\n         client_id " + client.client.client_id + ", secret ";
    logins += client.client_secret.reveal();
    return logins + "\n";
}

/// The first administrator, whose password is shown this once.
Result<std::string> add_first_administrator(store::PrimaryStore& store) {
    constexpr std::size_t password_bytes = 15;
    const Secret password(crypto::random_base64url(password_bytes));
    MAJED_TRY(store.add_user({}, {.username = "admin", .role = policy::Role::admin}, password));
    std::string text =
        "The first administrator, whose password must be changed at the first login and is not kept:\n\n";
    text += "  admin    password  ";
    text += password.reveal();
    return text + "\n\n";
}

Result<void> check_targets(const std::vector<std::string>& targets) {
    for (const auto& path : targets) {
        std::error_code ignored;
        if (fs::exists(fs::symlink_status(path, ignored))) {
            return Error{ErrorCode::conflict, path + " exists already; nothing was written"};
        }
    }
    return {};
}

/// Tells `undo` before each step, so that a half-written file goes too.
Result<std::string> write_demo(store::PrimaryStore& store, const fs::path& folder, Undo& undo) {
    const std::string sales = (folder / "sales.db").string();
    undo.add(sales);
    MAJED_TRY(demo::create_sales_database(sales));
    MAJED_TRY_ASSIGN(std::string logins, add_principals(store));
    const std::string list = (folder / "LOGINS.txt").string();
    undo.add(list);
    MAJED_TRY(write_file(list, logins, 0600));
    return logins;
}

/// What is made here is audited as everything later is.
Result<std::unique_ptr<audit::AuditTrail>> first_trail(const std::string& primary, const std::string& heads,
                                                       const std::string& key_file) {
    MAJED_TRY_ASSIGN(const auto root, crypto::KeyFile::read(key_file));
    MAJED_TRY_ASSIGN(auto key, crypto::SigningKey::from_seed(root.derive_secret("audit.heads")));
    audit::AuditOptions options;
    options.database_path = primary;
    options.heads_path = heads;
    options.seal = std::make_shared<StoredDetailSeal>(primary, std::make_shared<store::StoreSeals>(key_file));
    options.signing_key = std::make_shared<const crypto::SigningKey>(std::move(key));
    return audit::AuditTrail::open(std::move(options));
}

}  // namespace

Result<cli::InitReport> write_initial_files(const std::string& folder, cli::InitialContent content) {
    const bool demo = content == cli::InitialContent::demo;
    const fs::path where(folder.empty() ? "." : folder);
    const std::string configuration = (where / "majed.toml").lexically_normal().string();
    const std::string key = (where / "majed.key").lexically_normal().string();
    const std::string primary = (where / "majed.db").lexically_normal().string();
    const std::string heads = (where / "majed.heads").lexically_normal().string();
    std::vector<std::string> targets{configuration, key, primary, heads};
    if (demo) {
        targets.push_back((where / "sales.db").string());
        targets.push_back((where / "LOGINS.txt").string());
    }
    MAJED_TRY(check_targets(targets));
    std::error_code failure;
    fs::create_directories(where, failure);
    if (failure) {
        return Error{ErrorCode::unavailable, "cannot make " + where.string() + ": " + failure.message()};
    }
    Undo undo;
    undo.add(key);
    MAJED_TRY(generate_root_key(key));
    MAJED_TRY(create_primary(primary, MAJED_VERSION));
    undo.add(primary);
    undo.add(heads);
    MAJED_TRY_ASSIGN(const auto trail, first_trail(primary, heads, key));
    store::StoreOptions options;
    options.journal =
        std::make_shared<AuditedChanges>([&trail]() -> Result<audit::AuditTrail*> { return trail.get(); });
    MAJED_TRY_ASSIGN(const auto store, store::PrimaryStore::open(primary, std::move(options)));
    cli::InitReport report;
    if (demo) {
        MAJED_TRY_ASSIGN(report.logins, write_demo(*store, where, undo));
    } else {
        MAJED_TRY_ASSIGN(report.logins, add_first_administrator(*store));
    }
    // Last: a folder with a configuration is a finished one.
    undo.add(configuration);
    constexpr mode_t readable = 0644;
    const std::string text =
        std::string(configuration_head) + std::string(demo ? configuration_demo : configuration_empty);
    MAJED_TRY(write_file(configuration, text, readable));
    report.files = undo.keep();
    return report;
}

}  // namespace majed::app
