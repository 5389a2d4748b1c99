// As tasklets.lua, with the goroutines of Go, on one thread.
package main

import (
	"bufio"
	"fmt"
	"os"
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

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	runtime.GOMAXPROCS(1)
	say("ready")
	if os.Args[1] == "sleep" {
		sleep(count)
	} else {
		yield(count)
	}
	say("done")
}
