// Writes the answers of AWS's plugin for gocql: program INPUTS ANSWERS.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"os"
	"reflect"
	"time"
	"unsafe"

	"github.com/aws/aws-sigv4-auth-cassandra-gocql-driver-plugin/sigv4"
)

type input struct {
	Region, AccessKeyId, SecretAccessKey, SessionToken, Nonce string
	Seconds, Micros                                           int64
}

// Only the plugin's tests are meant to set its time.
func at(authenticator *sigv4.AwsAuthenticator, now time.Time) {
	field := reflect.ValueOf(authenticator).Elem().FieldByName("currentTime")
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(now))
}

func answer(in input) ([]byte, error) {
	authenticator := sigv4.AwsAuthenticator{
		Region:          in.Region,
		AccessKeyId:     in.AccessKeyId,
		SecretAccessKey: in.SecretAccessKey,
		SessionToken:    in.SessionToken,
	}
	at(&authenticator, time.Unix(in.Seconds, in.Micros*1000).UTC())
	_, next, err := authenticator.Challenge(nil)
	if err != nil {
		return nil, err
	}
	token, _, err := next.Challenge([]byte("nonce=" + in.Nonce))
	return token, err
}

func main() {
	from, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	to, err := os.Create(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	out := bufio.NewWriter(to)
	for lines.Scan() {
		var in input
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			log.Fatal(err)
		}
		token, err := answer(in)
		if err != nil {
			log.Fatal(err)
		}
		out.Write(append(token, '\n'))
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}
