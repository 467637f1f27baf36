// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include "cli/audit_commands.h"
#include "cli/context.h"
#include "cli/demonstration.h"
#include "cli/identity_commands.h"
#include "cli/key_commands.h"
#include "cli/migrate_commands.h"
#include "cli/operation_commands.h"
#include "cli/policy_commands.h"
#include "cli/problem_text.h"
#include "cli/source_password_commands.h"
#include "cli/statement_commands.h"
#include "format/json.h"
#include "format/rows_writer.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace majed::cli {
namespace {

/// What the arguments of all commands are read into, and the command they name.
struct Arguments {
    StatementOptions statement;
    std::string rows_format = "table";
    NewUserOptions new_user;
    PasswordChoice password;
    ClientOptions client;
    MigrateOptions migrate;
    TailOptions tail;
    ExportOptions exported;
    PurgeCommand purge;
    std::string export_format = "jsonl";
    std::string folder = ".";
    std::string key_file;
    bool demo = false;
    bool json = false;
    std::string listen;
    std::string source;
    std::string name;   ///< User, client or table.
    std::string other;  ///< Role, or name of an attribute.
    std::vector<std::string> values;
    std::function<Result<void>(Context&)> command;
};

CLI::App* subcommand(CLI::App& parent, const std::string& name, const std::string& text,
                     std::function<Result<void>(Context&)> command, Arguments& arguments) {
    CLI::App* const added = parent.add_subcommand(name, text);
    added->fallthrough();
    added->callback([&arguments, command = std::move(command)] { arguments.command = command; });
    return added;
}

CLI::App* group(CLI::App& parent, const std::string& name, const std::string& text) {
    CLI::App* const added = parent.add_subcommand(name, text);
    added->fallthrough();
    added->require_subcommand(1);
    return added;
}

void add_json(CLI::App* app, Arguments& a) {
    app->add_flag("--json", a.json, "JSON, for programs");
}

void add_password(CLI::App* app, PasswordChoice& choice) {
    auto* const from_stdin =
        app->add_flag("--password-stdin", choice.from_stdin, "Read it from standard input");
    app->add_option("--password-file", choice.file, "Read it from the first line of a file")
        ->excludes(from_stdin);
}

void add_statement(CLI::App* app, Arguments& a) {
    app->add_option("--as", a.statement.principal, "User, or client by name or id")->required();
    app->add_option("--source", a.statement.source, "Database; may be left out when there is one");
    app->add_option("sql", a.statement.sql, "One statement; - reads standard input")->required();
}

void declare_statements(CLI::App& app, Arguments& a) {
    auto* const query_app = subcommand(
        app, "query", "Run one statement as a principal",
        [&a](Context& context) -> Result<void> {
            MAJED_TRY(complete_sql(context, a.statement));
            return query(context, a.statement);
        },
        a);
    add_statement(query_app, a);
    query_app->add_option("params", a.statement.positional,
                          "Values for ? in order; numbers are bound as numbers");
    query_app->add_option("--param", a.statement.named, "name=value for :name")->allow_extra_args(false);
    query_app->add_option("--max-rows", a.statement.max_rows, "At most so many rows");
    query_app->add_option("--format", a.rows_format, "table, json, csv or ndjson")
        ->check(CLI::IsMember({"table", "json", "csv", "ndjson"}))
        ->capture_default_str();
    auto* const check_app = subcommand(
        app, "check", "Is it allowed, and under which rules? Runs nothing",
        [&a](Context& context) -> Result<void> {
            MAJED_TRY(complete_sql(context, a.statement));
            return check(context, a.statement);
        },
        a);
    add_statement(check_app, a);
    add_json(check_app, a);
}

void declare_users(CLI::App& app, Arguments& a) {
    CLI::App* const users = group(app, "user", "Users and their attributes");
    auto* const add = subcommand(
        *users, "add", "Make a user",
        [&a](Context& context) {
            a.new_user.password = a.password;
            return add_user(context, a.new_user);
        },
        a);
    add->add_option("name", a.new_user.username, "User name")->required();
    add->add_option("--role", a.new_user.role, "admin, superuser or normal")->capture_default_str();
    add->add_option("--attribute", a.new_user.attributes, "name=value, repeated for more")
        ->allow_extra_args(false);
    add->add_flag("!--keep-password", a.new_user.must_change_password,
                  "The password need not be changed at the first login");
    add_password(add, a.password);
    add_json(add, a);
    add_json(subcommand(*users, "list", "All users", list_users, a), a);
    const auto named = [&](const std::string& name, const std::string& text,
                           std::function<Result<void>(Context&)> command) {
        auto* const added = subcommand(*users, name, text, std::move(command), a);
        added->add_option("name", a.name, "User name")->required();
        return added;
    };
    add_json(named("show", "One user", [&a](Context& context) { return show_user(context, a.name); }), a);
    auto* const set_password_app =
        named("set-password", "Set a new password; its sessions end", [&a](Context& context) {
            return set_password(context, a.name, a.password, a.new_user.must_change_password);
        });
    set_password_app->add_flag("!--keep-password", a.new_user.must_change_password,
                               "The password need not be changed at the next login");
    add_password(set_password_app, a.password);
    named("set-role", "Give another role",
          [&a](Context& context) { return set_role(context, a.name, a.other); })
        ->add_option("role", a.other, "admin, superuser or normal")
        ->required();
    auto* const attribute =
        named("set-attribute", "Set an attribute; no values remove it",
              [&a](Context& context) { return set_attribute(context, a.name, a.other, a.values); });
    attribute->add_option("attribute", a.other, "Its name, for example region")->required();
    attribute->add_option("values", a.values, "Its values");
    named("enable", "Let a user in again",
          [&a](Context& context) { return set_activity(context, a.name, Activity::enabled); });
    named("disable", "Keep a user out, at once",
          [&a](Context& context) { return set_activity(context, a.name, Activity::disabled); });
    named("delete", "Delete a user for ever; the name is not given again",
          [&a](Context& context) { return delete_user(context, a.name); });
}

void declare_clients(CLI::App& app, Arguments& a) {
    CLI::App* const clients = group(app, "client", "Integration clients and their keys");
    auto* const add = subcommand(
        *clients, "add", "Make a client and show its keys once",
        [&a](Context& context) { return add_client(context, a.client); }, a);
    add->add_option("name", a.client.name, "A name for people")->required();
    add->add_option("--valid-days", a.client.valid_days, "Key and secret expire after so many days")
        ->check(CLI::Range(1, 3660));
    add_json(add, a);
    add_json(subcommand(*clients, "list", "All clients", list_clients, a), a);
    auto* const rotate = subcommand(
        *clients, "rotate", "New keys; the old ones are good for a while more",
        [&a](Context& context) { return rotate_client(context, a.client); }, a);
    rotate->add_option("client_id", a.client.client_id, "As `client list` shows it")->required();
    rotate
        ->add_option("--overlap-hours", a.client.overlap_hours,
                     "How long the old ones stay good; 0 ends them at once")
        ->check(CLI::Range(0, 8760))
        ->capture_default_str();
    add_json(rotate, a);
    subcommand(
        *clients, "revoke", "End a client at once",
        [&a](Context& context) { return revoke_client(context, a.name); }, a)
        ->add_option("client_id", a.name, "As `client list` shows it")
        ->required();
}

void declare_keys(CLI::App& app, Arguments& a) {
    CLI::App* const keys = group(app, "key", "The root keys of the installation");
    auto* const generate = subcommand(
        *keys, "generate", "Write a new key file where none is",
        [&a](Context& context) { return generate_key(context, a.key_file); }, a);
    generate->add_option("--file", a.key_file, "Where; the configured one when left out");
    add_json(generate, a);
    add_json(
        subcommand(*keys, "rotate", "Add a root key, and put what is stored sealed under it", rotate_key, a),
        a);
    add_json(subcommand(*keys, "reseal", "Go on with a rotation that was ended", reseal_texts, a), a);
    auto* const retire = subcommand(
        *keys, "retire", "Take out a root key that nothing is sealed under",
        [&a](Context& context) { return retire_key(context, a.name); }, a);
    retire->add_option("id", a.name, "As `key list` shows it")->required();
    add_json(retire, a);
    add_json(
        subcommand(*keys, "list", "The root keys and how much is under each; never the keys", list_keys, a),
        a);
}

void declare_operation(CLI::App& app, Arguments& a) {
    auto* const init = subcommand(
        app, "init", "Write majed.toml, majed.key and majed.db",
        [&a](Context& context) {
            return initialise(context, a.folder, a.demo ? InitialContent::demo : InitialContent::empty);
        },
        a);
    init->add_option("--dir", a.folder, "Folder, made when missing")->capture_default_str();
    init->add_flag("--demo", a.demo, "With business data, users, a client and rules to try");
    subcommand(app, "serve", "Serve HTTP until SIGTERM or SIGINT", serve, a)
        ->add_option("--listen", a.listen, "ADDRESS:PORT instead of server.listen; port 0 takes a free one");
    subcommand(app, "demo", "The same SQL asked by four principals of the demonstration", demonstrate, a)
        ->group("");
    add_json(subcommand(
                 app, "version", "Which version this is",
                 [](Context& context) -> Result<void> {
                     print_version(context);
                     return {};
                 },
                 a),
             a);
}

void declare_sources(CLI::App& app, Arguments& a) {
    add_json(subcommand(app, "health", "Are the sources well?", show_health, a), a);
    CLI::App* const sources = group(app, "source", "The databases behind the gateway");
    add_json(subcommand(*sources, "list", "Their names", list_sources, a), a);
    auto* const ping = subcommand(
        *sources, "ping", "Do they answer?",
        [&a](Context& context) { return ping_sources(context, a.source); }, a);
    ping->add_option("source", a.source, "One of them; all when left out");
    add_json(ping, a);
    auto* const tables = subcommand(
        *sources, "tables", "What is in one",
        [&a](Context& context) { return list_tables(context, a.source); }, a);
    tables->add_option("source", a.source, "May be left out when there is one");
    add_json(tables, a);
    auto* const describe = subcommand(
        *sources, "describe", "The columns of a table",
        [&a](Context& context) { return describe_table(context, a.source, a.name); }, a);
    describe->add_option("table", a.name, "Its name")->required();
    describe->add_option("--source", a.source, "May be left out when there is one");
    add_json(describe, a);
    auto* const set_password_app = subcommand(
        *sources, "set-password", "Keep the password of its login in the store, encrypted",
        [&a](Context& context) { return set_source_password(context, a.name, a.password); }, a);
    set_password_app->add_option("source", a.name, "Its name")->required();
    add_password(set_password_app, a.password);
    subcommand(
        *sources, "forget-password", "Delete that password from the store",
        [&a](Context& context) { return forget_source_password(context, a.name); }, a)
        ->add_option("source", a.name, "Its name")
        ->required();
    CLI::App* const rules = group(app, "policy", "The rules, where a database holds them itself");
    subcommand(
        *rules, "export", "SQL that makes the database hold them: row-level security, VPD",
        [&a](Context& context) { return export_policies(context, a.source); }, a)
        ->add_option("--source", a.source, "May be left out when there is one");
    auto* const verify_rules = subcommand(
        *rules, "verify", "Does it hold what that SQL says?",
        [&a](Context& context) { return verify_policies(context, a.source); }, a);
    verify_rules->add_option("--source", a.source, "May be left out when there is one");
    add_json(verify_rules, a);
    CLI::App* const configuration = group(app, "config", "The configuration file");
    subcommand(*configuration, "check", "Is it right, and do its rules fit the databases?",
               check_configuration, a);
    add_json(subcommand(*configuration, "show", "Every key in force; secrets are not shown",
                        show_configuration, a),
             a);
}

void declare_audit(CLI::App& app, Arguments& a) {
    CLI::App* const trail = group(app, "audit", "The record of what was asked");
    auto* const tail = subcommand(
        *trail, "tail", "The last records",
        [&a](Context& context) { return show_last_records(context, a.tail); }, a);
    tail->add_option("-n,--count", a.tail.count, "So many at most, 1 to 1000")->capture_default_str();
    tail->add_option("--action", a.tail.action, "Only these: user.add, or user.* for all that begin so");
    tail->add_option("--user", a.tail.username, "Only what this one did");
    add_json(tail, a);
    auto* const exported = subcommand(
        *trail, "export", "Every record, a line each",
        [&a](Context& context) {
            a.exported.format = a.export_format == "cef" ? ExportFormat::cef : ExportFormat::jsonl;
            return export_audit(context, a.exported);
        },
        a);
    exported->add_option("--format", a.export_format, "jsonl or cef")
        ->check(CLI::IsMember({"jsonl", "cef"}))
        ->capture_default_str();
    exported->add_option("--since", a.exported.since, "From this time on, such as 2025-01-31T23:59Z");
    exported->add_option("--until", a.exported.until, "Before this time");
    exported->add_option("--output", a.exported.output, "Into a new file instead of standard output");
    auto* const purge = subcommand(
        *trail, "purge", "Take out what is older than it has to be kept",
        [&a](Context& context) { return purge_audit(context, a.purge); }, a);
    purge->add_option("--older-than", a.purge.older_than, "Such as 400d; 30d at least")->required();
    purge->add_flag("--dry-run", a.purge.dry_run, "Only tell how much it would be");
    add_json(purge, a);
    add_json(subcommand(*trail, "verify", "Is it as it was written?", verify_audit, a), a);
}

CLI::App* migration_command(CLI::App& parent, const std::string& name, const std::string& text,
                            Result<void> (*command)(Context&, const MigrateOptions&), Arguments& a) {
    CLI::App* const added = subcommand(
        parent, name, text, [&a, command](Context& context) { return command(context, a.migrate); }, a);
    added->add_option("--source", a.migrate.choice.source, "Database; the primary store when left out");
    added->add_option("--dir", a.migrate.choice.folder, "Folder of migrations instead of the configured one");
    add_json(added, a);
    return added;
}

void declare_migrations(CLI::App& app, Arguments& a) {
    CLI::App* const migrations = group(app, "migrate", "Changes of the schema, in files");
    MigrateOptions& o = a.migrate;
    migration_command(*migrations, "new", "Write the next file of the folder", new_migration, a)
        ->add_option("description", o.description, "What it does, in a few words")
        ->required();
    migration_command(*migrations, "status", "What ran, what will, what is in the way", show_migrations, a)
        ->add_flag("--check", o.check, "Exit code 1 unless everything ran and agrees");
    migration_command(*migrations, "verify", "Do files, ledger and schema agree?", verify_migrations, a);
    const auto add_run_options = [&o](CLI::App* command) {
        command->add_flag("--dry-run", o.dry_run,
                          "Try it and take it back; only tell where that is impossible");
        command->add_option("--lock-wait", o.lock_wait,
                            "How long to wait for another run, such as 30s or 5m");
        return command;
    };
    auto* const up =
        add_run_options(migration_command(*migrations, "up", "Run what is pending", migrate_up, a));
    up->add_option("--to", o.to, "Up to this version");
    up->add_flag("--allow-out-of-order", o.allow_out_of_order, "Also what is older than the last that ran");
    up->add_flag("--allow-drift", o.allow_drift, "Though the schema is not as the last run left it");
    up->add_flag("--force", o.force, "Run the version of --to again though it ran");
    add_run_options(migration_command(*migrations, "down", "Take back the last one", migrate_down, a))
        ->add_option("--to", o.to, "Take back everything above this version; 0 for all");
    auto* const baseline =
        migration_command(*migrations, "baseline", "Declare what is there already", declare_baseline, a);
    baseline->add_option("--to", o.to, "It, and everything below it, counts as applied")->required();
    baseline->add_option("--description", o.description, "For the ledger");
    auto* const repair =
        migration_command(*migrations, "repair", "Settle what disagrees", repair_migrations, a);
    repair->add_flag("--accept-changes", o.accept_changes,
                     "Files that ran and were changed since are right as they are");
    repair->add_flag("--forget-missing", o.forget_missing, "Forget what ran and has no file any more");
    repair->add_flag("--accept-drift", o.accept_drift, "The schema is right as it is");
    auto* const applied = repair->add_option("--applied", o.applied,
                                             "The statement of this version that is in doubt did happen");
    repair->add_option("--not-applied", o.not_applied, "It did not: up runs it")->excludes(applied);
}

int report(const Error& error, const Context& context, const Arguments& arguments) {
    const bool wants_json = context.output == Output::json || arguments.rows_format == "json" ||
                            arguments.rows_format == "ndjson";
    // Without a message the command has told everything already.
    if (!error.message.empty() && wants_json) {
        std::string out;
        format::JsonWriter json(out);
        json.begin_object();
        format::append_error_members(json, error);
        json.end_object();
        context.terminal.err << out << "\n";
    } else if (!error.message.empty()) {
        context.terminal.err << "majed: " << problem_text(error, arguments.statement.sql);
    }
    return traits(error.code).exit_code;
}

int run_chosen(const Arguments& arguments, Context& context) {
    // The last stop for exceptions of foreign code.
    try {
        const auto done = arguments.command(context);
        return done ? 0 : report(done.error(), context, arguments);
    } catch (const std::exception&) {
        return report({ErrorCode::internal, "internal error"}, context, arguments);
    }
}

}  // namespace

int run_command_line(int argument_count, const char* const* arguments, Program& program, Terminal& terminal) {
    CLI::App app("A governed gateway to databases: SQL in, the rows and columns that policy allows out.",
                 "majed");
    Arguments a;
    Context context{program, terminal};
    app.require_subcommand(1);
    app.add_option("--config", context.choice.configuration, "The configuration file")
        ->envname("MAJED_CONFIG")
        ->capture_default_str();
    declare_operation(app, a);
    declare_statements(app, a);
    declare_users(app, a);
    declare_clients(app, a);
    declare_keys(app, a);
    declare_sources(app, a);
    declare_audit(app, a);
    declare_migrations(app, a);
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error, terminal.out, terminal.err);
        return code == 0 ? 0 : traits(ErrorCode::invalid_argument).exit_code;
    }
    context.output = a.json ? Output::json : Output::text;
    a.statement.format = format::rows_format_from(a.rows_format).value_or(format::RowsFormat::table);
    if (!a.listen.empty()) {
        context.choice.flags["server.listen"] = a.listen;
    }
    return run_chosen(a, context);
}

}  // namespace majed::cli
