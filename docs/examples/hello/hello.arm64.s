// Prints one line and ends. Assembled with:
//   aarch64-linux-gnu-as hello.arm64.s -o hello.o && aarch64-linux-gnu-ld -s -z noseparate-code hello.o -o hello-arm64
        .globl _start
_start: mov     x8, #64                 // write(1, line, length)
        mov     x0, #1
        adr     x1, line
        mov     x2, #length
        svc     #0
        mov     x8, #93                 // exit(0)
        mov     x0, #0
        svc     #0
line:   .ascii  "Hello from linux/arm64\n"
        length = . - line
