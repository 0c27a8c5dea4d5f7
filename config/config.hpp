#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace clique {

/// A value that is never printed: `config print` and logs show "(set)" or "(empty)".
struct secret {
  std::string value;
};

/// Everything that an operator can set, with its defaults. clique.toml in this folder documents each key;
/// settings.cpp is the table that ties names to fields.
struct config {
  struct {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    /// Where the world reaches us: OAuth callbacks and webhook addresses start with it.
    std::string public_url; ///< empty: http://address:port
    int threads = 2;
    std::string tls_certificate, tls_key;
    std::string dashboard;                ///< folder of static files; empty: the one built beside the binary
    bool metrics_public = false;          ///< /metrics answers loopback peers only unless set
    std::chrono::seconds drain_limit{15}; ///< faults section 5: graceful stop <= 15 s
  } server;

  struct {
    secret url; ///< owner's connection string; empty: embedded Postgres in data_dir
    std::filesystem::path data_dir = "clique-data";
    int readers = 3;
    int writers = 2;
    int views = 2;
  } database;

  struct {
    std::string client_id;
    secret client_secret, previous_secret;
    std::string api_version = "2026-10";
    std::string base_url = "https://{shop}";
    std::vector<std::string> scopes = {"read_orders", "read_products", "read_inventory", "read_locations"};
  } shopify;

  struct {
    secret master;                ///< 64 hex digits; empty with embedded Postgres: made once in data_dir/master.key
    std::vector<std::string> old; ///< "id:hex" of earlier key-encryption keys, for rotation
    int key_id = 1;
  } keys;

  struct {
    std::string origin; ///< RFC 3339; empty: the wall clock
    double speed = 1;
  } clock;

  struct {
    std::string level = "info";
    std::string format = "text";
  } logs;

  struct {
    std::chrono::seconds idle{600}; ///< a store's tree is put to sleep after this
    std::size_t waiting_acks = 20'000;
    std::size_t waiting_bytes = 256u << 20;
  } tree;

  /// [features.<name>]: switched off features do not run; periods override the table's.
  struct feature_settings {
    bool enabled = true;
    int period_minutes = 0; ///< 0: the table's
  };
  std::map<std::string, feature_settings> features;
};

} // namespace clique
