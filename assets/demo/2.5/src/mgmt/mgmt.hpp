// mgmt.hpp - management plane of the node.
//
// Copyright Acme Radio Systems. See LICENSE.
#ifndef ACME_MGMT_HPP
#define ACME_MGMT_HPP

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace acme::mgmt {

enum class Role { none = 0, viewer = 1, oper = 2, engineer = 3 };

// One request line: "VERB path key=value key=value ..."
struct Request {
    std::string verb;
    std::string path;
    std::map<std::string, std::string> args;
};

struct Reply {
    int status = 200;
    std::string text;
};

std::optional<Request> parse_request(const std::string &line);
Reply handle(const Request &request, Role role);

// backup.cpp
bool backup_create(const std::string &label);
bool backup_restore(const std::string &label);
std::vector<std::string> backup_list();

// telemetry.cpp
struct Sample {
    std::string subscriber;
    std::uint32_t cell = 0;
    std::int64_t when = 0;
    int signal_dbm = 0;
};

void telemetry_add(const Sample &sample);
bool telemetry_flush(const std::string &host, std::uint16_t port);

}  // namespace acme::mgmt

#endif  // ACME_MGMT_HPP
