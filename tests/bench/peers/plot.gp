# Memory and the cost of a spawn against the number of tasks:
# gnuplot -c plot.gp peers.dat peers.svg
set terminal svg size 960,420 font "sans-serif,13" background "white"
set output ARG2
stats ARG1 using 1:2 nooutput
set logscale xy
set format x "10^{%L}"
set xrange [700:1400000]
set xlabel "tasks"
set grid
set multiplot
set bmargin at screen 0.14
set tmargin at screen 0.9
set lmargin at screen 0.09
set rmargin at screen 0.41
set title "resident bytes of a sleeping task"
unset key
plot for [i = 0:STATS_blocks - 1] ARG1 index i using 1:2 \
	with linespoints pointtype 7 pointsize 0.6 linewidth 1.5
set lmargin at screen 0.49
set rmargin at screen 0.81
set title "microseconds to start one"
set key at screen 0.99, screen 0.9
plot for [i = 0:STATS_blocks - 1] ARG1 index i using 1:3 \
	with linespoints pointtype 7 pointsize 0.6 linewidth 1.5 \
	title columnheader(1)
unset multiplot
