// mgmt_server.cpp - requests of the management plane.
//
// The transport (TLS with client certificates) ends in front of this code.
// A request that arrives here belongs to a signed-in operator whose role is
// passed in; every route names the least role that may use it.
//
// Copyright Acme Radio Systems. See LICENSE.
#include "mgmt.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <sstream>

namespace acme::mgmt {

namespace {

constexpr std::size_t kLineMax = 1024;
constexpr std::size_t kArgsMax = 16;

bool is_key(const std::string &s)
{
    return !s.empty() && s.size() <= 32 &&
           std::all_of(s.begin(), s.end(), [](unsigned char c) {
               return std::islower(c) || std::isdigit(c) || c == '_';
           });
}

bool is_path(const std::string &s)
{
    if (s.empty() || s[0] != '/' || s.size() > 128)
        return false;
    if (s.find("..") != std::string::npos)
        return false;
    return std::all_of(s.begin(), s.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '/' || c == '-' || c == '_' || c == '.';
    });
}

// Values are any printable ASCII without a blank.
bool is_value(const std::string &s)
{
    return s.size() <= 256 && std::all_of(s.begin(), s.end(), [](unsigned char c) {
        return c > 0x20 && c < 0x7f;
    });
}

const std::string *find_arg(const Request &r, const std::string &key)
{
    auto it = r.args.find(key);
    return it == r.args.end() ? nullptr : &it->second;
}

Reply error(int status, const char *text)
{
    return Reply{status, text};
}

Reply get_backups(const Request &)
{
    Reply reply;
    for (const auto &label : backup_list())
        reply.text += label + "\n";
    return reply;
}

Reply post_backup(const Request &r)
{
    const std::string *label = find_arg(r, "label");
    if (label == nullptr || label->empty())
        return error(400, "label is missing");
    return backup_create(*label) ? Reply{201, "created"} : error(500, "backup failed");
}

Reply post_restore(const Request &r)
{
    const std::string *label = find_arg(r, "label");
    if (label == nullptr || label->empty())
        return error(400, "label is missing");
    return backup_restore(*label) ? Reply{200, "restored"} : error(500, "restore failed");
}

Reply get_health(const Request &)
{
    return Reply{200, "ok"};
}

struct Route {
    const char *verb;
    const char *path;
    Role role;
    std::function<Reply(const Request &)> run;
};

const std::array<Route, 4> &routes()
{
    static const std::array<Route, 4> table = {{
        {"GET", "/health", Role::viewer, get_health},
        {"GET", "/backup", Role::viewer, get_backups},
        {"POST", "/backup", Role::oper, post_backup},
        {"POST", "/backup/restore", Role::engineer, post_restore},
    }};
    return table;
}

}  // namespace

// Nothing that is not well formed gets past this function: a bad key, path
// or value, too many arguments, or a key that occurs twice.
std::optional<Request> parse_request(const std::string &line)
{
    if (line.size() > kLineMax)
        return std::nullopt;

    std::istringstream in(line);
    Request r;
    std::string word;

    if (!(in >> r.verb >> r.path))
        return std::nullopt;
    if ((r.verb != "GET" && r.verb != "POST") || !is_path(r.path))
        return std::nullopt;

    while (in >> word) {
        auto eq = word.find('=');
        if (eq == std::string::npos || r.args.size() == kArgsMax)
            return std::nullopt;
        std::string key = word.substr(0, eq);
        std::string value = word.substr(eq + 1);
        if (!is_key(key) || !is_value(value))
            return std::nullopt;
        if (!r.args.emplace(key, value).second)
            return std::nullopt;
    }
    return r;
}

// The role is looked at before the route runs; without it the answer is the
// same as for a path that does not exist.
Reply handle(const Request &request, Role role)
{
    for (const auto &route : routes()) {
        if (request.verb != route.verb || request.path != route.path)
            continue;
        if (static_cast<int>(role) < static_cast<int>(route.role))
            break;
        return route.run(request);
    }
    return error(404, "not found");
}

}  // namespace acme::mgmt
