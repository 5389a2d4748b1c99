// As tasklets.lua, with the goroutines of Go, on one thread.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"time"
)

var input = bufio.NewReader(os.Stdin)

func say(word string) {
	fmt.Println(word)
	input.ReadString('\n')
}

func sleep(count int) {
	var started sync.WaitGroup
	started.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			started.Done()
			time.Sleep(1000000 * time.Second)
		}()
	}
	started.Wait()
	runtime.Gosched()
}

func spin(count int) {
	for i := 0; i < count; i++ {
		runtime.Gosched()
	}
}

func yield(count int) {
	var other sync.WaitGroup
	other.Add(1)
	go func() {
		spin(count)
		other.Done()
	}()
	spin(count)
	other.Wait()
}

func channel(count int) {
	c := make(chan int)
	go func() {
		for i := 0; i < count; i++ {
			c <- i
		}
	}()
	for i := 0; i < count; i++ {
		<-c
	}
}

func message(count int) {
	to, fro := make(chan int), make(chan int)
	go func() {
		for i := 0; i < count; i++ {
			fro <- <-to
		}
	}()
	for i := 0; i < count; i++ {
		to <- i
		<-fro
	}
}

func join(count int) {
	for i := 0; i < count; i++ {
		result := make(chan int, 1)
		go func() { result <- i }()
		<-result
	}
}

func command(count int) {
	var workers sync.WaitGroup
	for worker := 0; worker < 4; worker++ {
		workers.Add(1)
		go func() {
			for i := 0; i < count/4; i++ {
				exec.Command("/bin/true").Run()
			}
			workers.Done()
		}()
	}
	workers.Wait()
}

type request struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		Args []float64 `json:"args"`
	} `json:"params"`
}

type reply struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  interface{}     `json:"result"`
}

var tasks int

func answer(r *request) interface{} {
	if r.Method != "spawn" {
		return "pong"
	}
	seconds := r.Params.Args[0]
	go time.Sleep(time.Duration(seconds * float64(time.Second)))
	tasks++
	return map[string]interface{}{"id": tasks, "name": "sleep"}
}

// Replies go out when there is nothing more to read.
func talk(conn net.Conn) {
	in, out := bufio.NewReader(conn), bufio.NewWriter(conn)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if json.Unmarshal(line, &r) != nil {
			return
		}
		text, _ := json.Marshal(reply{"2.0", r.ID, answer(&r)})
		out.Write(append(text, '\n'))
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}

func listen(path string) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		panic(err)
	}
	go say("ready")
	for {
		conn, err := listener.Accept()
		if err == nil {
			go talk(conn)
		}
	}
}

func main() {
	runtime.GOMAXPROCS(1)
	if os.Args[1] == "listen" {
		listen(os.Args[2])
	}
	count, _ := strconv.Atoi(os.Args[2])
	does := map[string]func(int){"sleep": sleep, "yield": yield,
		"channel": channel, "message": message, "join": join,
		"exec": command}
	say("ready")
	does[os.Args[1]](count)
	say("done")
}
