// SPDX-License-Identifier: Apache-2.0
#include "cli/source_password_commands.h"

#include "format/text.h"

#include <ostream>

namespace majed::cli {

Result<void> set_source_password(Context& context, const std::string& source, const PasswordChoice& choice) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    // Before anybody types one in vain.
    MAJED_TRY_ASSIGN(const bool is_taken, installation->takes_stored_password(source));
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, installation->store());
    MAJED_TRY_ASSIGN(const Secret password, obtain_password(context.terminal, choice));
    MAJED_TRY(store->set_source_password({}, source, password));
    context.terminal.out << "stored the password of source " << format::printable(source)
                         << "\nA running server takes it at its next start.\n";
    if (!is_taken) {
        context.terminal.err << "warning: it is not used: the configuration of " << format::printable(source)
                             << " has a password, or names no user\n";
    }
    return {};
}

Result<void> forget_source_password(Context& context, const std::string& source) {
    MAJED_TRY_ASSIGN(Installation* const installation, context.opened());
    MAJED_TRY_ASSIGN(store::PrimaryStore* const store, installation->store());
    MAJED_TRY(store->forget_source_password({}, source));
    context.terminal.out << "forgot the password of source " << format::printable(source) << "\n";
    return {};
}

}  // namespace majed::cli
