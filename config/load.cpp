#include "config/load.hpp"

#include "config/settings.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <sstream>

extern char** environ;

namespace clique {

namespace {

/// A value with its place, before it is understood.
struct found {
  std::string key, text, place;
};

/// Optimal string alignment distance would be finer; plain edit distance finds what people mistype.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string did_you_mean(std::string_view key) {
  std::string_view best;
  std::size_t distance = 4;
  for (const auto& x : all_settings())
    if (auto d = edit_distance(key, x.key); d < distance) {
      best = x.key;
      distance = d;
    }
  return best.empty() ? "" : fmt::format("; did you mean '{}'?", best);
}

std::optional<std::string> scalar_text(const toml::node& x) {
  if (auto s = x.as_string())
    return s->get();
  if (auto i = x.as_integer())
    return std::to_string(i->get());
  if (auto f = x.as_floating_point())
    return fmt::format("{}", f->get());
  if (auto b = x.as_boolean())
    return b->get() ? "true" : "false";
  return {};
}

std::optional<std::string> node_text(const toml::node& x) {
  const auto* list = x.as_array();
  if (!list)
    return scalar_text(x);
  std::string result;
  for (const auto& item : *list) {
    auto text = scalar_text(item);
    if (!text)
      return {};
    result += (result.empty() ? "" : ",") + *text;
  }
  return result;
}

void collect(const toml::table& from, const std::string& prefix, const std::string& file, std::vector<found>& into,
             std::vector<config_fault>& faults) {
  for (const auto& [name, node] : from) {
    auto key = prefix.empty() ? std::string{name.str()} : fmt::format("{}.{}", prefix, name.str());
    auto at = node.source().begin;
    auto place = fmt::format("{}:{}:{}", file, at.line, at.column);
    if (const auto* table = node.as_table())
      collect(*table, key, file, into, faults);
    else if (auto text = node_text(node))
      into.push_back({key, *text, place});
    else
      faults.push_back({place, fmt::format("{}: expected a string, number, true/false or a list of them", key)});
  }
}

void read_file(const std::filesystem::path& file, std::vector<found>& into, std::vector<config_fault>& faults) {
  std::ifstream in{file};
  if (!in) {
    faults.push_back({file.string(), "cannot be read; give another file with --config"});
    return;
  }
  std::stringstream text;
  text << in.rdbuf();
  try {
    collect(toml::parse(text.str(), file.string()), "", file.string(), into, faults);
  } catch (const toml::parse_error& x) {
    auto at = x.source().begin;
    faults.push_back({fmt::format("{}:{}:{}", file.string(), at.line, at.column), std::string{x.description()}});
  }
}

/// CLIQUE_SERVER__PORT -> server.port; ..._FILE reads the value from a file.
void read_environment(const environment& env, std::vector<found>& into, std::vector<config_fault>& faults) {
  constexpr std::string_view prefix = "CLIQUE_", suffix = "_FILE";
  for (const auto& [name, value] : env) {
    if (!name.starts_with(prefix) || name.find("__") == std::string::npos)
      continue;
    auto stem = std::string_view{name}.substr(prefix.size());
    auto from_file = stem.ends_with(suffix);
    if (from_file)
      stem.remove_suffix(suffix.size());
    std::string key;
    for (std::size_t i = 0; i < stem.size(); ++i)
      if (stem.substr(i, 2) == "__") {
        key += '.';
        ++i;
      } else {
        key += static_cast<char>(std::tolower(static_cast<unsigned char>(stem[i])));
      }
    if (!from_file) {
      into.push_back({key, value, name});
      continue;
    }
    std::ifstream in{value};
    std::string line;
    if (in && std::getline(in, line))
      into.push_back({key, line, name});
    else
      faults.push_back({name, fmt::format("the file '{}' cannot be read", value)});
  }
}

/// "features.order_sync.enabled"; @returns false when the key is no feature key.
bool apply_feature(config& into, const found& x, std::span<const std::string_view> features,
                   std::vector<config_fault>& faults) {
  constexpr std::string_view prefix = "features.";
  if (!x.key.starts_with(prefix))
    return false;
  auto rest = std::string_view{x.key}.substr(prefix.size());
  auto dot = rest.rfind('.');
  auto name = rest.substr(0, dot);
  auto field = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  if (std::find(features.begin(), features.end(), name) == features.end()) {
    faults.push_back({x.place, fmt::format("there is no feature '{}'; there are {}", name, fmt::join(features, ", "))});
    return true;
  }
  auto& settings = into.features[std::string{name}];
  if (field == "enabled" && (x.text == "true" || x.text == "false"))
    settings.enabled = x.text == "true";
  else if (int minutes = std::atoi(x.text.c_str()); field == "period_minutes" && minutes > 0 && minutes <= 527'040)
    settings.period_minutes = minutes;
  else
    faults.push_back(
        {x.place, fmt::format("{}: allowed are enabled = true|false and period_minutes = 1..527040", x.key)});
  return true;
}

} // namespace

loaded_config load_config(const std::optional<std::filesystem::path>& file, const environment& env,
                          const flag_values& flags, std::span<const std::string_view> features) {
  loaded_config result;
  std::vector<found> all;
  if (file)
    read_file(*file, all, result.faults);
  read_environment(env, all, result.faults);
  for (const auto& [key, text] : flags)
    all.push_back({key, text, "--" + key});
  std::map<std::string_view, std::string> places;
  for (const auto& x : all) {
    if (apply_feature(result.value, x, features, result.faults))
      continue;
    auto table = all_settings();
    auto row = std::find_if(table.begin(), table.end(), [&](const setting& s) { return s.key == x.key; });
    if (row == table.end()) {
      result.faults.push_back({x.place, fmt::format("there is no setting '{}'{}", x.key, did_you_mean(x.key))});
      continue;
    }
    places[row->key] = x.place;
    if (auto refusal = row->set(result.value, x.text))
      result.faults.push_back({x.place, fmt::format("{}: {}", x.key, *refusal)});
  }
  for (auto& [key, what] : cross_check(result.value))
    result.faults.push_back({places.contains(key) ? places[key] : "configuration", fmt::format("{}: {}", key, what)});
  return result;
}

environment clique_environment() {
  environment result;
  for (char** at = environ; *at; ++at) {
    std::string_view entry{*at};
    if (auto equals = entry.find('='); entry.starts_with("CLIQUE_") && equals != std::string_view::npos)
      result.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return result;
}

std::string print_config(const config& x) {
  std::string result;
  for (const auto& row : all_settings())
    result += fmt::format("{} = {}\n", row.key, row.show(x));
  for (const auto& [name, settings] : x.features)
    result += fmt::format("features.{}.enabled = {}\nfeatures.{}.period_minutes = {}\n", name, settings.enabled, name,
                          settings.period_minutes);
  return result;
}

} // namespace clique
