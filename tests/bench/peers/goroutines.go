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

func main() {
	count, _ := strconv.Atoi(os.Args[2])
	does := map[string]func(int){"sleep": sleep, "yield": yield,
		"channel": channel, "message": message}
	runtime.GOMAXPROCS(1)
	say("ready")
	does[os.Args[1]](count)
	say("done")
}
