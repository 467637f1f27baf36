// SPDX-License-Identifier: Apache-2.0
#include "cli/identity_commands.h"

#include "format/json.h"
#include "format/text.h"
#include "format/text_table.h"
#include "policy/principal.h"
#include "store/record_json.h"

#include <optional>
#include <ostream>
#include <utility>

namespace majed::cli {
namespace {

Result<store::PrimaryStore*> store_of(Context& context) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    return installation->store();
}

/// Who holds the files is not one of our users: the operating system knows, the gateway does not.
store::Actor local() {
    return {};
}

Result<policy::Role> role_named(const std::string& name) {
    const auto role = policy::role_from(name);
    if (!role) {
        return Error{ErrorCode::invalid_argument, "there is no role " + format::printable(name),
                     "admin, superuser, normal or integration"};
    }
    return *role;
}

Result<Attributes> attributes_of(const std::vector<std::string>& texts) {
    Attributes attributes;
    for (const auto& text : texts) {
        const auto sign = text.find('=');
        if (sign == std::string::npos || sign == 0) {
            return Error{ErrorCode::invalid_argument, "--attribute: expected name=value"};
        }
        attributes[text.substr(0, sign)].push_back(text.substr(sign + 1));
    }
    return attributes;
}

std::string attributes_text(const Attributes& attributes) {
    std::string out;
    for (const auto& [name, values] : attributes) {
        out += out.empty() ? "" : "; ";
        out += format::printable(name) + "=";
        for (std::size_t i = 0; i < values.size(); ++i) {
            out += (i == 0 ? "" : ",") + format::printable(values[i]);
        }
    }
    return out;
}

void print_users(Context& context, const std::vector<store::User>& users) {
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object().key("items").begin_array();
        for (const auto& user : users) {
            store::append_user(json, user);
        }
        json.end_array().key("next").null().end_object();
        out += '\n';
    } else {
        format::TextTable table({"USER", "ROLE", "STATE", "ATTRIBUTES", "CREATED"});
        for (const auto& user : users) {
            const std::string state = user.must_change_password ? "must change password" : "active";
            table.add({{format::printable(user.username)},
                       {std::string(policy::to_string(user.role))},
                       {user.active ? state : "disabled"},
                       {attributes_text(user.attributes)},
                       {user.created_at}});
        }
        table.append_to(out);
    }
    context.terminal.out << out;
}

void print_credentials(Context& context, const store::ClientCredentials& made) {
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object();
        store::append_client_members(json, made.client);
        json.key("client_secret").text(made.client_secret.reveal());
        json.key("api_key").text(made.api_key.reveal()).end_object();
        out += '\n';
    } else {
        out += "client_id      " + made.client.client_id + "\nclient_secret  ";
        out += made.client_secret.reveal();
        out += "\napi_key        ";
        out += made.api_key.reveal();
        out += "\nThey are shown this once; only their digests are kept.\n";
        if (!made.client.previous_valid_until.empty()) {
            out += "What it had before ends at " + made.client.previous_valid_until + ".\n";
        }
    }
    context.terminal.out << out;
}

void confirm(Context& context, const std::string& text) {
    if (context.output == Output::text) {
        context.terminal.out << text << "\n";
    }
}

}  // namespace

Result<void> add_user(Context& context, const NewUserOptions& options) {
    store::NewUser user;
    user.username = options.username;
    user.must_change_password = options.must_change_password;
    MAJED_TRY_ASSIGN(user.role, role_named(options.role));
    MAJED_TRY_ASSIGN(user.attributes, attributes_of(options.attributes));
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const Secret password, obtain_password(context.terminal, options.password));
    MAJED_TRY_ASSIGN(const store::User added, store->add_user(local(), user, password));
    print_users(context, {added});
    return {};
}

Result<void> list_users(Context& context) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const auto users, store->users());
    print_users(context, users);
    return {};
}

Result<void> show_user(Context& context, const std::string& username) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const auto user, store->user(username));
    if (context.output == Output::json) {
        std::string out;
        format::JsonWriter json(out);
        store::append_user(json, user);
        context.terminal.out << out << "\n";
        return {};
    }
    print_users(context, {user});
    return {};
}

Result<void> set_password(Context& context, const std::string& username, const PasswordChoice& choice,
                          bool must_change) {
    using Change = store::PrimaryStore::PasswordChange;
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const Secret password, obtain_password(context.terminal, choice));
    MAJED_TRY(store->set_password(local(), username, password,
                                  must_change ? Change::by_administrator : Change::by_user));
    confirm(context, "password of " + format::printable(username) + " set");
    return {};
}

Result<void> set_role(Context& context, const std::string& username, const std::string& role) {
    MAJED_TRY_ASSIGN(const policy::Role wanted, role_named(role));
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY(store->set_role(local(), username, wanted));
    confirm(context, format::printable(username) + " is " + role + " now");
    return {};
}

Result<void> set_attribute(Context& context, const std::string& username, const std::string& name,
                           const std::vector<std::string>& values) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY(store->set_attribute(local(), username, name, values));
    const std::string what = "attribute " + format::printable(name) + " of " + format::printable(username);
    confirm(context, what + (values.empty() ? " removed" : " set"));
    return {};
}

Result<void> set_activity(Context& context, const std::string& username, Activity activity) {
    const bool active = activity == Activity::enabled;
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY(store->set_active(local(), username, active));
    confirm(context, format::printable(username) + (active ? " enabled" : " disabled"));
    return {};
}

Result<void> delete_user(Context& context, const std::string& username) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY(store->delete_user(local(), username));
    confirm(context, format::printable(username) + " deleted");
    return {};
}

Result<void> add_client(Context& context, const ClientOptions& options) {
    std::optional<std::chrono::seconds> valid_for;
    if (options.valid_days) valid_for = std::chrono::days(*options.valid_days);
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const auto made, store->add_client(local(), options.name, valid_for));
    print_credentials(context, made);
    return {};
}

Result<void> list_clients(Context& context) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const auto clients, store->clients());
    std::string out;
    if (context.output == Output::json) {
        format::JsonWriter json(out);
        json.begin_object().key("items").begin_array();
        for (const auto& client : clients) {
            store::append_client(json, client);
        }
        json.end_array().key("next").null().end_object();
        out += '\n';
    } else {
        format::TextTable table({"CLIENT", "NAME", "ROLE", "STATE", "CREATED", "LAST USED", "EXPIRES"});
        for (const auto& client : clients) {
            table.add({{format::printable(client.client_id)},
                       {format::printable(client.client_name)},
                       {std::string(policy::to_string(client.role))},
                       {client.active ? "active" : "revoked"},
                       {client.created_at},
                       {client.last_used_at},
                       {client.expires_at}});
        }
        table.append_to(out);
    }
    context.terminal.out << out;
    return {};
}

Result<void> rotate_client(Context& context, const ClientOptions& options) {
    const std::chrono::hours overlap(options.overlap_hours);
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY_ASSIGN(const auto made, store->rotate_client(local(), options.client_id, overlap));
    print_credentials(context, made);
    return {};
}

Result<void> revoke_client(Context& context, const std::string& client_id) {
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, store_of(context));
    MAJED_TRY(store->revoke_client(local(), client_id));
    confirm(context, "client " + format::printable(client_id) + " revoked");
    return {};
}

}  // namespace majed::cli
