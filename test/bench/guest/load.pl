#!/usr/bin/perl
# load.pl LOAD FOLDER: what a machine writes, the same on every run.
use strict;
use warnings;
use Fcntl qw(O_RDONLY O_RDWR);
use IO::Handle;

my ($load, $folder) = @ARGV;
my $text = join '', map { chr(33 + $_ * 7 % 90) } 0 .. 4095;
my %loads = (files => \&files, random => \&random, rewrite => \&random, install => \&install);
srand 1;
$loads{$load}->();

# 20 new files of 4 KiB, each on the disk before the next is begun.
sub files {
    mkdir "$folder/files";
    put("$folder/files/$_", $text) for 1 .. 20;
}

# 1,000 blocks of 4 KiB at places of one file that do not depend on anything, and one fsync behind them.
sub random {
    sysopen my $file, "$folder/data", O_RDWR or die $!;
    my $blocks = (-s $file) / 4096;
    my %seen;
    while (keys %seen < 1000) {
        my $block = int rand $blocks;
        next if $seen{$block}++;
        sysseek $file, $block * 4096, 0 or die $!;
        syswrite $file, $load eq 'random' ? $text : reverse $text or die $!;
    }
    $file->sync or die $!;
}

# 300 files in six packages, as dpkg brings them: all written beside their names, each fsynced, then renamed, then
# the list of the files and the status of all packages in the same way.
sub install {
    mkdir "$folder/info";
    for my $package (1 .. 6) {
        mkdir "$folder/package-$package";
        my @names = map { "$folder/package-$package/file-$_" } 1 .. 50;
        put("$_.dpkg-new", substr $text x 8, 0, 512 + int rand 24_000) for @names;
        replace($_) for @names;
        put("$folder/info/$package.list.dpkg-new", join "\n", @names);
        replace("$folder/info/$package.list");
        put("$folder/info/status.dpkg-new", $text x 60);
        replace("$folder/info/status");
        sysopen my $info, "$folder/info", O_RDONLY or die $!;
        $info->sync or die $!;
    }
}

sub put {
    my ($path, $content) = @_;
    open my $file, '>', $path or die "$path: $!";
    print $file $content;
    $file->flush;
    $file->sync or die $!;
}

sub replace {
    my ($path) = @_;
    rename "$path.dpkg-new", $path or die "$path: $!";
}
