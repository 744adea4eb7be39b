# Prints one line and ends. Assembled with:
#   as hello.amd64.s -o hello.o && ld -s -z noseparate-code hello.o -o hello-amd64
        .globl _start
_start: mov     $1, %eax                # write(1, line, length)
        mov     $1, %edi
        lea     line(%rip), %rsi
        mov     $length, %edx
        syscall
        mov     $60, %eax               # exit(0)
        xor     %edi, %edi
        syscall
line:   .ascii  "Hello from linux/amd64\n"
        length = . - line
