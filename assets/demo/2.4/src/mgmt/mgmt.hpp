// mgmt.hpp - management plane of the node.
//
// Copyright Acme Radio Systems. See LICENSE.
#ifndef ACME_MGMT_HPP
#define ACME_MGMT_HPP

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

}  // namespace acme::mgmt

#endif  // ACME_MGMT_HPP
