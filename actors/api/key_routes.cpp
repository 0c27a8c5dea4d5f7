// API keys of the signed-in user.

#include "actors/api/gateway.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace clique::api {

namespace {

using nlohmann::json;

json key_json(const accounts::key_info& x) {
  return {{"id", x.id},
          {"name", x.label},
          {"role", to_string(x.as)},
          {"store_id", x.store ? json(std::to_string(raw(*x.store))) : json(nullptr)},
          {"created_at", format_time(x.created_at)},
          {"last_used_at", x.last_used_at ? json(format_time(*x.last_used_at)) : json(nullptr)}};
}

void list_keys(const call_ptr& x, desk_storage& storage) {
  auto got = storage.people.keys(x->who.user);
  if (!got)
    return refuse(x, got.error());
  auto items = json::array();
  for (const auto& item : *got)
    items.push_back(key_json(item));
  answer(x, 200, json{{"items", std::move(items)}}.dump());
}

/// A key is never more powerful than its maker.
result<void> may_make(const identity& who, role as, std::optional<store_id> store) {
  auto covers = [&](const member_store& m) { return (!store || m.id == *store) && m.as >= as; };
  auto good = store ? std::any_of(who.stores.begin(), who.stores.end(), covers)
                    : std::all_of(who.stores.begin(), who.stores.end(), covers);
  if (good)
    return {};
  return error{ec::forbidden, "a key cannot have more rights than you have", "choose a lower role or another store"};
}

void make_key(const call_ptr& x, desk_storage& storage) {
  if (x->who.csrf.empty())
    return refuse(x, {ec::forbidden, "an API key cannot make API keys", "sign in to the dashboard"});
  if (auto ok = need_json_object(x->in); !ok)
    return refuse(x, ok.error());
  auto body = json::parse(x->in.body);
  auto label = body.value("name", json("")), as_text = body.value("role", json("viewer"));
  auto as = as_text.is_string() ? parse_role(as_text.get<std::string>()) : std::nullopt;
  if (!label.is_string() || label.get<std::string>().empty() || label.get<std::string>().size() > 80 || !as)
    return refuse(x, {ec::bad_input, "a key needs a name of 1 to 80 characters and a role",
                      "roles are viewer, analyst and owner"});
  std::optional<store_id> store;
  if (auto given = body.find("store_id"); given != body.end() && !given->is_null()) {
    std::int64_t number = 0;
    auto text = given->is_string() ? given->get<std::string>() : std::string{};
    if (auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
        status != std::errc{} || end != text.data() + text.size())
      return refuse(x, {ec::bad_input, "store_id must be a store's id as text", "see /api/v1/stores"});
    store = store_id{number};
  }
  if (auto ok = may_make(x->who, *as, store); !ok)
    return refuse(x, ok.error());
  auto now = x->owner->world.wall();
  auto got = storage.people.create_key(x->who.user, label.get<std::string>(), *as, store, now);
  if (!got)
    return refuse(x, got.error());
  (void)storage.people.audit(store, x->who.email, "API key created", "", got->first.label, x->in.id, now);
  answer(x, 201, json{{"key", key_json(got->first)}, {"secret", got->second}}.dump());
}

void drop_key(const call_ptr& x, desk_storage& storage) {
  const auto& id = x->in.params.at("key_id");
  if (auto ok = storage.people.delete_key(x->who.user, id); !ok)
    return refuse(x, ok.error());
  (void)storage.people.audit({}, x->who.email, "API key deleted", id, "", x->in.id, x->owner->world.wall());
  answer(x, 204, "");
}

} // namespace

std::vector<api_route> key_routes() {
  using http::method;
  return {
      {method::get, "/api/v1/keys", access::user, list_keys},
      {method::post, "/api/v1/keys", access::user, make_key},
      {method::del, "/api/v1/keys/{key_id}", access::user, drop_key},
  };
}

} // namespace clique::api
