module sign

go 1.21

require github.com/aws/aws-sigv4-auth-cassandra-gocql-driver-plugin v1.1.0

require (
	github.com/aws/aws-sdk-go v1.49.12 // indirect
	github.com/gocql/gocql v0.0.0-20200624222514-34081eda590e // indirect
	github.com/golang/snappy v0.0.0-20170215233205-553a64147049 // indirect
	github.com/hailocab/go-hostpool v0.0.0-20160125115350-e80d13ce29ed // indirect
	github.com/jmespath/go-jmespath v0.4.0 // indirect
	gopkg.in/inf.v0 v0.9.1 // indirect
)
