// SPDX-License-Identifier: Apache-2.0
// A real PostgreSQL for the tests in Python: prints what it takes to connect, and lives until its input ends.
// Lines it understands meanwhile: `kill`, `restart`; each is answered by `done`.
#include "doubles/postgres_server.h"

#include <iostream>
#include <string>

int main() {
    using majed::doubles::PostgresServer;
    if (const std::string missing = PostgresServer::missing(); !missing.empty()) {
        std::cout << "missing " << missing << std::endl;
        return 0;
    }
    auto server = PostgresServer::start();
    if (!server) {
        std::cout << "failed " << server.error().message << ' ' << server.error().hint << std::endl;
        return 1;
    }
    std::cout << "ready " << (*server)->port() << ' ' << PostgresServer::database << ' '
              << PostgresServer::user << ' ' << PostgresServer::administrator << ' '
              << PostgresServer::password << std::endl;
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "kill") {
            (*server)->kill_hard();
        } else if (line == "restart" && !(*server)->restart()) {
            return 1;
        }
        std::cout << "done" << std::endl;
    }
    return 0;
}
