/// What the commands need of the program around them: files written by `majed init`, opened when first asked for.
///
/// Why      The command line may not know how things are put together; app/ implements this.
/// Life     An Installation is opened for one command.
/// Threads  One thread at a time.
/// Not here Reading the configuration and wiring (app/).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audit/audit_trail.h"
#include "core/result.h"
#include "core/secret.h"
#include "format/health_json.h"
#include "gateway/gateway.h"
#include "source/source_registry.h"
#include "store/primary_store.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace majed::cli {

/// Which installation, and what the command line sets over its file.
struct InstallationChoice {
    std::string configuration = "majed.toml";
    std::map<std::string, std::string, std::less<>> flags = {};  ///< `server.listen` -> text.
};

/// One configuration key as it is in force; secrets are `***`.
struct SettingLine {
    std::string key;
    std::string value;
    std::string origin;
    std::string text;
};

class Installation {
public:
    Installation() = default;
    Installation(const Installation&) = delete;
    Installation& operator=(const Installation&) = delete;
    virtual ~Installation() = default;

    // Each is made at the first call. Errors: those of the part that cannot be opened.
    [[nodiscard]] virtual Result<store::PrimaryStore*> store() = 0;
    [[nodiscard]] virtual Result<audit::AuditTrail*> audit() = 0;
    [[nodiscard]] virtual Result<source::SourceRegistry*> sources() = 0;
    /// With the policies of the file taken up.
    [[nodiscard]] virtual Result<gateway::Gateway*> gateway() = 0;

    /// Asks the primary store and every source once, now.
    [[nodiscard]] virtual Result<format::HealthDocument> health() = 0;

    [[nodiscard]] virtual const std::vector<SettingLine>& settings() const = 0;
    /// How many `[[policies]]` and `[[masks]]` the file has.
    [[nodiscard]] virtual std::size_t rule_count() const = 0;
    /// Serves HTTP until the process is told to stop; `ready` gets the address when it listens.
    [[nodiscard]] virtual Result<void> serve(const std::function<void(std::string_view)>& ready) = 0;
};

enum class InitialContent { empty, demo };

struct InitReport {
    std::vector<std::string> files;  ///< Written, in order.
    std::string logins;              ///< Of the demonstration; else empty.
};

class Program {
public:
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    virtual ~Program() = default;

    /// Reads and checks the configuration. Errors: not_found, invalid_argument (every mistake, a line each).
    [[nodiscard]] virtual Result<std::unique_ptr<Installation>> open(const InstallationChoice& choice) = 0;
    /// Errors: conflict (a file is there already; nothing is written), unavailable.
    [[nodiscard]] virtual Result<InitReport> initialise(const std::string& folder,
                                                        InitialContent content) = 0;
    [[nodiscard]] virtual std::string_view version() const = 0;
};

}  // namespace majed::cli
