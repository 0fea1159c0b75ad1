# #region vault-agent
template {
  destination = "/var/run/cassandra/login.json"
  contents    = <<EOT
{{ with secret "database/creds/app" }}{ "username": {{ .Data.username | toJSON }}, "password": {{ .Data.password | toJSON }} }{{ end }}
EOT
}
# #endregion vault-agent
